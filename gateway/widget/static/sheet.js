/** One thing to decide or fill in, in place of the conversation for so long. */

import { h } from "./dom.js";

export class Sheet {
  #behind;
  #fallback;
  #from = null;
  #body = h("div", { class: "sheet-body" });

  /** `behind` are the elements that give way; `fallback()` takes the focus where its old place is gone. */
  constructor(behind, fallback) {
    this.#behind = behind;
    this.#fallback = fallback;
    this.element = h(
      "div",
      { class: "sheet", role: "group", "aria-labelledby": "sheet-title", tabindex: -1, hidden: true },
      this.#body,
    );
  }

  get open() {
    return !this.element.hidden;
  }

  /** The first field takes the focus, or, where there is none, the sheet itself. */
  show(title, ...content) {
    this.#from ??= this.element.getRootNode().activeElement;
    this.#body.replaceChildren(h("h2", { id: "sheet-title" }, title), ...content);
    this.element.hidden = false;
    for (const one of this.#behind) one.classList.add("behind");
    (this.#body.querySelector("input, textarea") ?? this.element).focus();
  }

  close() {
    if (!this.open) return;
    this.element.hidden = true;
    this.#body.replaceChildren();
    for (const one of this.#behind) one.classList.remove("behind");
    if (this.#from?.checkVisibility()) this.#from.focus();
    else this.#fallback();
    this.#from = null;
  }
}
