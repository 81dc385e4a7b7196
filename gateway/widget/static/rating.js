/** What the customer thinks of an answer. */

import { sends } from "./composer.js";
import { h, icon, set } from "./dom.js";

const LONGEST_COMMENT = 1000;

/** Thumbs, and after them room for a comment. */
export class Rating {
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
