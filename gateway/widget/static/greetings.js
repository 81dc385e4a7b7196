/** A word of greeting beside the launcher, on pages that the shop chose, some seconds after the customer came there. */

import { inLanguage } from "./config.js";

const AFTER = 10;

/** Whether a path fits a pattern, in which * stands for anything: "/tents*" fits /tents and /tents/heron-2. */
export function fits(pattern, path) {
  const literal = pattern.split("*").map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`, "u").test(path);
}

export class Greetings {
  #visit;
  #storage;
  #may;
  #show;
  #rules = [];
  #path = null;
  #timer;
  #moved = () => this.#look();

  /** `may()` says whether a greeting is welcome now; `show(rule)` shows it. */
  constructor({ visit, storage, may, show }) {
    this.#visit = visit;
    this.#storage = storage;
    this.#may = may;
    this.#show = show;
  }

  set rules(rules) {
    this.#rules = rules;
    this.#path = null;
    this.#look();
  }

  /** What stands as the first line of the chat: {match, text, at, beside}; `beside`: it is still shown at the launcher. */
  get shown() {
    return this.#visit.get("greeting");
  }

  /** The text at the launcher, if there is one. */
  teaser(language) {
    return this.shown?.beside ? inLanguage(this.shown.text, language) : null;
  }

  /** The greeting as if it had been said; but only this browser knows of it. `skew`: as in Conversation. */
  entries(language, skew) {
    if (!this.shown) return [];
    const { text, at } = this.shown;
    const message = { id: "greeting", seq: 0, author: "assistant", text: inLanguage(text, language), language };
    return [{ key: "greeting", message: { ...message, at: at + skew } }];
  }

  start() {
    // A shop may change its pages without loading them.
    window.navigation?.addEventListener("currententrychange", this.#moved);
    addEventListener("popstate", this.#moved);
    document.addEventListener("visibilitychange", this.#moved);
    this.#look();
  }

  stop() {
    window.navigation?.removeEventListener("currententrychange", this.#moved);
    removeEventListener("popstate", this.#moved);
    document.removeEventListener("visibilitychange", this.#moved);
    clearTimeout(this.#timer);
    this.#path = null;
  }

  /** The chat was opened: the greeting is its first line from now on. */
  taken() {
    if (this.shown?.beside) this.#visit.set("greeting", { ...this.shown, beside: false });
  }

  /** Who has said no once is not asked again in this visit. */
  dismissed() {
    this.#visit.set("greetings off", true);
    this.#visit.remove("greeting");
    clearTimeout(this.#timer);
  }

  /** Another conversation has another beginning. */
  forget() {
    this.#visit.remove("greeting");
  }

  #look() {
    if (this.#path === location.pathname) return;
    clearTimeout(this.#timer);
    // A tab that nobody looks at waits until somebody does.
    if (document.hidden) return;
    this.#path = location.pathname;
    if (this.#visit.get("greetings off")) return;
    const rule = this.#rules.find((one) => fits(one.match, this.#path) && !this.#area(one).get(this.#key(one)));
    if (rule) this.#timer = setTimeout(() => this.#due(rule), (rule.after ?? AFTER) * 1000);
  }

  #due(rule) {
    if (document.hidden) this.#path = null;
    else if (this.#may()) {
      const { match, text } = rule;
      this.#area(rule).set(this.#key(rule), true);
      this.#visit.set("greeting", { match, text, at: Date.now(), beside: true });
      this.#show(rule);
    }
  }

  #area({ once }) {
    return once === "ever" ? this.#storage : this.#visit;
  }

  #key({ match }) {
    return `greeted ${match}`;
  }
}
