/** Where the customer writes. */

import { h, icon, set, write } from "./dom.js";

export const LONGEST_MESSAGE = 4000;
const COUNTED_FROM = LONGEST_MESSAGE - 300;

/**
 * Whether a key press means "send". While an input method composes (Chinese, Japanese, Korean), Enter chooses a word;
 * Safari ends the composition before this Enter, and then tells only by the key code 229.
 */
export function sends(event) {
  return event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
}

/** As the gateway counts them: code points, so that an emoji is one. */
const lengthOf = (text) => [...text].length;

export class Composer {
  #t;
  #send;
  #input;
  #counter;
  #button;

  /** Begins with the draft of before a reload; `keep` is given each change. */
  constructor(t, { draft, send, keep }) {
    this.#t = t;
    this.#send = send;
    this.#input = h("textarea", {
      rows: 1,
      dir: "auto",
      placeholder: t("write"),
      "aria-label": t("write"),
      "aria-describedby": "counter",
      enterkeyhint: "send",
      oninput: () => {
        this.#changed();
        keep(this.#input.value);
      },
      onkeydown: (event) => {
        if (!sends(event)) return;
        event.preventDefault();
        this.#submit();
      },
    });
    this.#counter = h("span", { id: "counter", class: "counter", role: "status" });
    this.#button = h("button", { class: "send", "aria-label": t("send"), title: t("send") }, icon("send"));
    this.element = h(
      "form",
      {
        class: "composer",
        onsubmit: (event) => {
          event.preventDefault();
          this.#submit();
        },
      },
      h("div", { class: "field" }, this.#input, this.#button),
      this.#counter,
    );
    this.#input.value = draft;
    this.#changed();
  }

  focus() {
    this.#input.focus();
  }

  write(text) {
    this.#input.value = text;
    this.#input.dispatchEvent(new Event("input"));
    this.focus();
  }

  #submit() {
    const text = this.#input.value.trim();
    if (!text || lengthOf(text) > LONGEST_MESSAGE) return this.focus();
    this.write("");
    this.#send(text);
  }

  #changed() {
    const length = lengthOf(this.#input.value.trim());
    const left = LONGEST_MESSAGE - length;
    set(this.#input, "aria-invalid", left < 0 ? "true" : null);
    // Not `disabled`: a button that vanishes from the Tab order while one writes is lost to the keyboard.
    set(this.#button, "aria-disabled", String(!length || left < 0));
    let count = "";
    if (left < 0) count = this.#t("too_long", { n: -left });
    else if (length > COUNTED_FROM) count = this.#t("left", { n: left });
    write(this.#counter, count);
    // Grows with its text where the browser cannot do so by itself.
    if (!CSS.supports("field-sizing", "content")) {
      this.#input.style.height = "auto";
      this.#input.style.height = `${this.#input.scrollHeight}px`;
    }
  }
}
