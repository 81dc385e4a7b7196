/** The button with three dots in the panel's head, and the list of what one can do beside writing. */

import { h, icon, set } from "./dom.js";

export class Menu {
  #button;
  #list;
  #items;
  #outside = (event) => event.composedPath().includes(this.#list) || this.#close();

  /**
   * Items: {name, icon, act}; the name is a key of the texts. One that can be on or off has `checked()`, and `unchecked`,
   * its other icon.
   */
  constructor(t, items) {
    this.#button = h(
      "button",
      {
        type: "button",
        class: "tool",
        "aria-label": t("menu"),
        title: t("menu"),
        "aria-haspopup": "menu",
        "aria-expanded": "false",
        onclick: () => (this.#list.hidden ? this.#open(0) : this.#close()),
        onkeydown: (event) => {
          const at = { ArrowDown: 0, ArrowUp: -1 }[event.key];
          if (at === undefined) return;
          event.preventDefault();
          this.#open(at);
        },
      },
      icon("more"),
    );
    this.#items = items.map((item) => ({
      ...item,
      button: h(
        "button",
        {
          type: "button",
          role: item.checked ? "menuitemcheckbox" : "menuitem",
          tabindex: -1,
          onclick: () => {
            this.#close();
            this.#button.focus();
            item.act();
          },
        },
        icon(item.icon),
        t(item.name),
      ),
    }));
    this.#list = h(
      "div",
      {
        class: "menu",
        role: "menu",
        "aria-label": t("menu"),
        hidden: true,
        onkeydown: (event) => this.#pressed(event),
        onfocusout: ({ relatedTarget }) => this.#list.contains(relatedTarget) || this.#close(),
      },
      ...this.#items.map(({ button }) => button),
    );
    this.elements = [this.#button, this.#list];
  }

  /** `can` says by name which items make sense now. */
  show(can) {
    for (const { name, button } of this.#items) button.hidden = can[name] === false;
    this.#button.hidden = this.#buttons.length === 0;
  }

  get #buttons() {
    return this.#items.map(({ button }) => button).filter((button) => !button.hidden);
  }

  #open(at) {
    for (const { button, checked, ...item } of this.#items) {
      if (!checked) continue;
      set(button, "aria-checked", String(checked()));
      button.firstChild.replaceWith(icon(checked() ? item.icon : item.unchecked));
    }
    this.#list.hidden = false;
    set(this.#button, "aria-expanded", "true");
    this.#buttons.at(at).focus();
    // The press that opened it is still on its way up.
    setTimeout(() => this.#list.hidden || document.addEventListener("pointerdown", this.#outside));
  }

  #close() {
    this.#list.hidden = true;
    set(this.#button, "aria-expanded", "false");
    document.removeEventListener("pointerdown", this.#outside);
  }

  #pressed(event) {
    const buttons = this.#buttons;
    const here = buttons.indexOf(this.#list.getRootNode().activeElement);
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: -1 }[event.key];
    if (event.key === "Escape") {
      // Only the menu closes, not the chat.
      event.stopPropagation();
      this.#close();
      this.#button.focus();
    } else if (to !== undefined) {
      event.preventDefault();
      buttons.at(to % buttons.length).focus();
    }
  }
}
