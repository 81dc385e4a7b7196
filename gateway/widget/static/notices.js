/** What is said above the conversation: that the line is down, and now and then a word on what just happened. */

import { State } from "./connection.js";

/** @import { Line } from "./connection.js" */

const SHOWN_FOR = 8_000;
const TROUBLE_AFTER = 1_000;
const LONG_AFTER = 15_000;

export class Notices {
  #changed;
  #trouble = "none"; // then "some", and "long"
  /** @type {Line} */
  #line = State.IDLE;
  #notice = null;
  #timers = {};

  constructor(changed) {
    this.#changed = changed;
  }

  say(text) {
    this.#notice = text;
    this.#after("notice", SHOWN_FOR, () => (this.#notice = null));
    this.#changed();
  }

  lineChanged(state) {
    this.#line = state;
    if (state === State.READY) {
      this.#trouble = "none";
      for (const name of ["some", "long"]) clearTimeout(this.#timers[name]);
    }
    if (state === State.REFUSED) this.#trouble = "some";
    // A short drop is mended before the customer need know of it.
    if (state === State.WAITING && this.#trouble === "none") {
      this.#after("some", TROUBLE_AFTER, () => (this.#trouble = "some"));
      this.#after("long", LONG_AFTER, () => (this.#trouble = "long"));
    }
    this.#changed();
  }

  /** The text, and what is offered with it: another try; after a while also the offline form. */
  banner(t) {
    if (this.#trouble === "none") return { banner: this.#notice, mayRetry: false, mayMail: false };
    if (this.#line === State.REFUSED) return { banner: t("refused"), mayRetry: false, mayMail: false };
    const text = t(navigator.onLine ? "lost" : "offline");
    return { banner: text, mayRetry: true, mayMail: this.#trouble === "long" };
  }

  #after(name, milliseconds, action) {
    clearTimeout(this.#timers[name]);
    this.#timers[name] = setTimeout(() => {
      action();
      this.#changed();
    }, milliseconds);
  }
}
