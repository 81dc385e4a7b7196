/** One message in the log: what was said, where it comes from, how it was delivered, how it was rated. */

import { sends } from "./composer.js";
import { h, icon, set, write } from "./dom.js";
import { formatted, link } from "./format.js";
import { time } from "./texts.js";

const LONGEST_COMMENT = 1000;
const DELIVERY = { waiting: "clock", sent: "check", failed: "alert", refused: "alert" };

/** Shows an entry {key, message, item}: the message as the gateway has it, or the item as it waits to be sent. */
export class MessageView {
  #t;
  #act;
  #locale;
  #time = h("time");
  #delivery = null;
  #rating = null;

  constructor(entry, { t, locale, act }) {
    this.#t = t;
    this.#act = act;
    this.#locale = locale;
    const { author, text, language: spoken, sources = [], rateable, id } = entry.message ?? {
      author: "customer",
      text: entry.item.frame.text,
    };
    const own = author === "customer";
    const meta = h("div", { class: "meta" }, this.#time);
    this.element = h(
      "div",
      { class: `message ${author}` },
      h("span", { class: "who" }, t(author)),
      h(
        "div",
        { class: "bubble", dir: "auto", lang: spoken },
        h("div", { class: "text" }, own ? text : formatted(text)),
        sources.length ? sourceList(sources, t) : null,
      ),
      meta,
    );
    if (own) {
      this.#delivery = h("span", { class: "delivery" });
      this.#delivery.key = entry.key;
      meta.append(this.#delivery);
    } else if (rateable) {
      this.#rating = new Rating(t, (value, comment) => act.rate(id, value, comment));
      meta.append(this.#rating.thumbs);
      this.element.append(this.#rating.comment);
    }
    this.update(entry);
  }

  update({ message, item }, connected = true) {
    const at = new Date(message?.at ?? item.at);
    set(this.#time, "datetime", at.toISOString());
    write(this.#time, time(at, this.#locale));
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

/** Thumbs, and after them room for a comment. */
class Rating {
  #t;
  #rate;
  #buttons;

  constructor(t, rate) {
    this.#t = t;
    this.#rate = rate;
    this.#buttons = [
      [1, "good"],
      [-1, "bad"],
    ].map(([value, name]) =>
      h(
        "button",
        {
          type: "button",
          class: `thumb ${name}`,
          value,
          title: t(name),
          "aria-label": t(name),
          onclick: () => {
            rate(value, null);
            this.#ask(value, name);
          },
        },
        icon("up"),
      ),
    );
    this.thumbs = h("span", { class: "thumbs", role: "group", "aria-label": t("helpful") }, ...this.#buttons);
    this.comment = h("div", { class: "comment" });
  }

  show(rating) {
    for (const button of this.#buttons) set(button, "aria-pressed", String(Number(button.value) === rating));
  }

  #ask(value, name) {
    const t = this.#t;
    const input = h("textarea", {
      rows: 2,
      dir: "auto",
      maxlength: LONGEST_COMMENT,
      onkeydown: (event) => {
        if (!sends(event)) return;
        event.preventDefault();
        form.requestSubmit();
      },
    });
    const thank = () => {
      // The form goes, and the focus with it: back to where it came from.
      const focused = form.contains(form.getRootNode().activeElement);
      this.comment.replaceChildren(h("p", { role: "status" }, t("thanks")));
      if (focused) this.#buttons.find((button) => Number(button.value) === value).focus();
    };
    const form = h(
      "form",
      {
        onsubmit: (event) => {
          event.preventDefault();
          const comment = input.value.trim();
          if (comment) this.#rate(value, comment);
          thank();
        },
      },
      h("label", {}, h("span", {}, t(`comment_${name}`)), input),
      h("button", { class: "primary" }, t("comment_send")),
      h("button", { type: "button", class: "link", onclick: thank }, t("comment_skip")),
    );
    this.comment.replaceChildren(form);
    form.scrollIntoView({ block: "nearest" });
  }
}
