/** The list of messages: keeps its nodes, follows the newest unless the customer has scrolled up to read. */

import { h, icon, set, write } from "./dom.js";
import { MessageView } from "./message.js";
import { day } from "./texts.js";

const NEAR_END = 60;
const NEAR_START = 120;

export class Log {
  #context;
  #views = new Map();
  #days = new Map();
  #list = h("div", { class: "list" });
  #greeting;
  #typing = h("div", { class: "typing", hidden: true });
  #typist = h("span", { class: "unseen", role: "status" });
  #newer;
  #earlier;
  #loading = h("div", { class: "loading", "aria-hidden": "true", hidden: true }, h("i"), h("i"), h("i"));
  #follows = true;
  #top = 0;

  constructor(context) {
    const { t, act } = (this.#context = context);
    this.#greeting = h("div", { class: "greeting" }, h("h2", {}, t("hello")), h("p", {}, t("about")));
    this.#typing.append(h("i"), h("i"), h("i"));
    this.scroller = h(
      "div",
      { class: "scroller", tabindex: 0, role: "log", "aria-label": t("log"), "aria-relevant": "additions" },
      this.#greeting,
      (this.#earlier = h(
        "button",
        { type: "button", class: "earlier link", hidden: true, onclick: () => act.earlier() },
        t("earlier"),
      )),
      this.#loading,
      this.#list,
      this.#typing,
    );
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    // A keyboard that comes up, or a box that grows, takes room away: the newest message stays in view.
    const resized = new ResizeObserver(() => this.#follows && this.toEnd("instant"));
    resized.observe(this.scroller);
    resized.observe(this.#list);
    this.#newer = h(
      "button",
      { type: "button", class: "newer", hidden: true, onclick: () => this.toEnd() },
      t("newer"),
      icon("down"),
    );
    this.element = h("div", { class: "log" }, this.scroller, this.#newer, this.#typist);
  }

  show(entries, { typing, history, connected }) {
    const first = !entries.some(({ key }) => this.#views.has(key));
    const before = !first && entries.findIndex(({ key }) => this.#views.has(key)) > 0;
    const keep = before ? this.#position() : null;
    // A whole history at once is not news: it is not read aloud.
    set(this.scroller, "aria-live", before || (first && entries.length > 1) ? "off" : "polite");
    const { nodes, added } = this.#nodes(entries, connected);
    this.#place(nodes);
    this.#greeting.hidden = entries.length > 0;
    this.#earlier.hidden = history !== "more";
    this.#loading.hidden = history !== "loading";
    const began = typing && this.#typing.hidden;
    this.#typing.hidden = !typing;
    write(this.#typist, typing ? this.#context.t("typing", { who: this.#context.t(typing) }) : "");
    if (before) keep();
    else if (first && added.length) this.toEnd("instant");
    else if (added.length) this.#follow(entries.at(-1), added);
    else if (began && this.#follows) this.toEnd();
  }

  toEnd(behavior = "auto") {
    this.#follows = true;
    this.#newer.hidden = true;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior });
  }

  /** What is read now stays where it is, however much comes above it. Returns the way to put it back. */
  #position() {
    // Not the first: with another above it, it may no longer need the name of who speaks.
    const anchor = [...this.#views.values()].at(-1);
    const top = () => anchor.element.getBoundingClientRect().top;
    const was = top();
    return () => this.scroller.scrollBy({ top: top() - was, behavior: "instant" });
  }

  #nodes(entries, connected) {
    const { locale, now } = this.#context;
    const nodes = [];
    const added = [];
    const views = new Map();
    const days = new Map();
    for (const entry of entries) {
      const name = day(new Date(entry.message?.at ?? entry.item.at), locale, now());
      if (!days.has(name)) {
        days.set(name, this.#days.get(name) ?? h("div", { class: "day" }, h("span", {}, name)));
        nodes.push(days.get(name));
      }
      let view = this.#views.get(entry.key);
      if (view) view.update(entry, connected);
      else added.push((view = new MessageView(entry, this.#context)).element);
      views.set(entry.key, view);
      nodes.push(view.element);
    }
    this.#views = views;
    this.#days = days;
    return { nodes, added };
  }

  #place(nodes) {
    let here = this.#list.firstChild;
    for (const node of nodes) {
      if (node === here) here = here.nextSibling;
      else this.#list.insertBefore(node, here);
    }
    while (here) {
      const next = here.nextSibling;
      here.remove();
      here = next;
    }
  }

  #follow(entry, added) {
    const own = (entry.message?.author ?? "customer") === "customer";
    if (!own && !this.#follows) {
      this.#newer.hidden = false;
      return;
    }
    this.toEnd();
    const newest = added.at(-1);
    if (own || newest.offsetHeight < this.scroller.clientHeight) return;
    // A long answer is read from its beginning.
    this.#follows = false;
    this.scroller.scrollTo({ top: newest.offsetTop - 12 });
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    if (scrollHeight - scrollTop - clientHeight < NEAR_END) {
      this.#follows = true;
      this.#newer.hidden = true;
    } else if (scrollTop < this.#top) this.#follows = false;
    if (scrollTop < NEAR_START && scrollTop < this.#top) this.#context.act.earlier();
    this.#top = scrollTop;
  }
}
