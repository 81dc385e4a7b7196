/** The greeting beside the launcher. It takes no focus, and goes when it is not wanted. */

import { h, icon } from "./dom.js";

export class Teaser {
  #t;
  #act;
  #shown = null;

  constructor(t, { open, dismiss }) {
    this.#t = t;
    this.#act = { open, dismiss };
    // There before its words are, so that a screen reader is told of them.
    this.element = h("div", { role: "status" });
  }

  show(text) {
    if (text === this.#shown) return;
    this.#shown = text;
    const { open, dismiss } = this.#act;
    const label = this.#t("dismiss");
    this.element.replaceChildren(
      ...(text
        ? [
            h(
              "div",
              { class: "teaser" },
              h("button", { type: "button", class: "teaser-text", dir: "auto", onclick: open }, text),
              h(
                "button",
                { type: "button", class: "teaser-close", "aria-label": label, title: label, onclick: dismiss },
                icon("close"),
              ),
            ),
          ]
        : []),
    );
  }
}
