/** One message in the log: what was said, what came with it, how it was delivered, how it was rated. */

import { cardRow } from "./cards.js";
import { h, icon, set, write } from "./dom.js";
import { fileList } from "./files.js";
import { link, plain } from "./format.js";
import { Rating } from "./rating.js";
import { rich } from "./rich.js";
import { time } from "./texts.js";

const DELIVERY = { waiting: "clock", sent: "check", failed: "alert", refused: "alert" };
/** Above this many characters, or lines, the rest is shown when it is asked for. */
const LONG = 1_200;
const MANY_LINES = 24;
const EMOJI = /^(?:[\p{Extended_Pictographic}\p{Regional_Indicator}\u200d\ufe0f\u{1f3fb}-\u{1f3ff}]\s?){1,12}$/u;

/**
 * Shows an entry {key, message, item, quoted}: the message as the gateway has it, or the item as it waits to be sent;
 * `quoted` is the message that it answers, when others came between.
 */
export class MessageView {
  #t;
  #act;
  #locale;
  #time = h("time");
  #bubble;
  #delivery = null;
  #rating = null;
  #quote = null;

  constructor(entry, context) {
    const { t, locale, act } = context;
    this.#t = t;
    this.#act = act;
    this.#locale = locale;
    const message = entry.message ?? { author: "customer", text: entry.item.frame.text, files: entry.item.files };
    const { author, text, cards = [], files = [], id } = message;
    const own = author === "customer";
    const meta = h("div", { class: "meta" }, this.#time);
    this.#bubble = text ? bubble(message, own, t) : null;
    this.element = h(
      "div",
      { class: `message ${author}` },
      h("span", { class: "who" }, t(author)),
      this.#bubble,
      files.length ? fileList(files, context) : null,
      cards.length ? cardRow(cards, context) : null,
      meta,
    );
    if (own) {
      this.#delivery = h("span", { class: "delivery" });
      this.#delivery.key = entry.key;
      meta.append(this.#delivery);
    } else if (message.rateable) {
      this.#rating = new Rating(t, (value, comment) => act.rate(id, value, comment));
      meta.append(this.#rating.thumbs);
      this.element.append(this.#rating.comment);
    }
    this.update(entry);
  }

  update({ message, item, quoted }, connected = true) {
    const at = new Date(message?.at ?? item.at);
    set(this.#time, "datetime", at.toISOString());
    write(this.#time, time(at, this.#locale));
    if (message) this.element.id = `message-${message.seq}`;
    // Earlier messages may come later, when the customer asks for them.
    if (quoted && !this.#quote && this.#bubble) this.#bubble.before((this.#quote = quotation(quoted, this.#t)));
    if (this.#delivery) this.#deliver(message ? "sent" : item.state, connected);
    this.#rating?.show(message.rating);
  }

  #deliver(state, connected) {
    const t = this.#t;
    const text = { waiting: connected ? "sending" : "waiting_to_send", sent: "sent" }[state] ?? "failed";
    if (this.element.dataset.delivery === text + state) return;
    this.element.dataset.delivery = text + state;
    this.element.classList.toggle("pending", state === "waiting");
    this.element.classList.toggle("failed", text === "failed");
    const retry = h("button", { type: "button", class: "link", onclick: () => this.#act.retry(this.#delivery.key) });
    retry.append(t("retry"));
    this.#delivery.replaceChildren(
      icon(DELIVERY[state]),
      h("span", { class: state === "sent" ? "unseen" : "" }, t(text)),
      ...(state === "failed" ? [retry] : []),
    );
  }
}

function bubble({ text, rich: tree, language, sources = [] }, own, t) {
  const words = h("div", { class: "text" }, ...(own ? [text] : tree ? rich(tree) : plain(text)));
  const long = text.length > LONG || text.split("\n").length > MANY_LINES;
  return h(
    "div",
    { class: EMOJI.test(text) ? "bubble emoji" : "bubble", dir: "auto", lang: language },
    words,
    long ? unfold(words, t) : null,
    sources.length ? sourceList(sources, t) : null,
  );
}

/** Folds the words, and gives the button that shows all of them. */
function unfold(words, t) {
  const show = (all) => {
    words.classList.toggle("folded", !all);
    set(button, "aria-expanded", String(all));
    write(button, t(all ? "show_less" : "show_all"));
  };
  const button = h("button", {
    type: "button",
    class: "link",
    onclick: () => {
      const folded = words.classList.contains("folded");
      show(folded);
      if (!folded) words.parentElement.scrollIntoView({ block: "nearest" });
    },
  });
  // A keyboard that comes to a link in what is cut off must see where it is.
  words.addEventListener("focusin", () => show(true));
  show(false);
  return button;
}

function quotation({ seq, text, files = [] }, t) {
  return h(
    "button",
    {
      type: "button",
      class: "quotation",
      onclick: ({ currentTarget }) =>
        currentTarget.getRootNode().getElementById(`message-${seq}`)?.scrollIntoView({ block: "center" }),
    },
    icon("reply"),
    h("span", { class: "unseen" }, t("in_reply_to")),
    h("bdi", {}, text.slice(0, 200) || files[0]?.name),
  );
}

function sourceList(sources, t) {
  const items = sources.map(({ title, url, quote }) =>
    h(
      "li",
      {},
      (url && link(url, title, h("span", { class: "unseen" }, ` (${t("new_tab")})`))) || h("span", {}, title),
      quote ? h("blockquote", {}, quote) : null,
    ),
  );
  return h(
    "details",
    { class: "sources" },
    h("summary", {}, icon("book"), t("sources", { n: sources.length }), icon("down")),
    h("ol", {}, ...items),
  );
}
