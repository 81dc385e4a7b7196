/** After the end: how satisfied was the customer, 1 to 5, and in what words. */

import { sends } from "./composer.js";
import { h, icon } from "./dom.js";

const LONGEST_COMMENT = 1000;
/** Arrow keys pass the scores between: only where they rest is sent. */
const RESTS_AFTER = 1_000;

export class Survey {
  #t;
  #act;
  #shown = null;
  #timer;
  #told = 0;
  #comment;

  /** `act(score, comment)`; the comment is null while none was asked for, "" for none. */
  constructor(t, act) {
    this.#t = t;
    this.#act = act;
    this.element = h("div", { class: "survey" });
  }

  /** `score` is 0 before there is one; `done`: nothing more is asked. */
  show({ score, done }) {
    const state = done ? "thanks" : "question";
    if (this.#shown === state) return;
    this.#shown = state;
    const focused = this.element.contains(this.element.getRootNode().activeElement);
    this.element.replaceChildren(done ? this.#thanks() : this.#question(score));
    if (done && focused) this.element.firstChild.focus();
  }

  #thanks() {
    return h("p", { class: "thanks", role: "status", tabindex: -1 }, icon("check"), this.#t("thanks"));
  }

  #question(score) {
    const t = this.#t;
    this.#comment = h("div");
    const options = [1, 2, 3, 4, 5].map((value) =>
      h(
        "label",
        { class: "score-option" },
        h("input", {
          type: "radio",
          name: "score",
          value,
          checked: value === score,
          "aria-label": t(`score_${value}`),
          onchange: () => {
            this.#ask(value);
            clearTimeout(this.#timer);
            this.#timer = setTimeout(() => this.#tell(value), RESTS_AFTER);
          },
        }),
        String(value),
      ),
    );
    this.#told = score;
    if (score) this.#ask(score);
    return h(
      "div",
      { class: "form" },
      h(
        "fieldset",
        { class: "score" },
        h("legend", {}, t("survey")),
        h("div", { class: "score-row" }, ...options),
        h(
          "div",
          { class: "score-ends", "aria-hidden": "true" },
          h("span", {}, t("survey_low")),
          h("span", {}, t("survey_high")),
        ),
      ),
      this.#comment,
    );
  }

  #tell(score) {
    clearTimeout(this.#timer);
    if (score !== this.#told) this.#act((this.#told = score), null);
  }

  #ask(score) {
    const t = this.#t;
    const old = this.#comment.querySelector("textarea");
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
    input.value = old?.value ?? "";
    const form = h(
      "form",
      {
        class: "form",
        onsubmit: (event) => {
          event.preventDefault();
          this.#tell(score);
          this.#act(score, input.value.trim());
        },
      },
      h("label", { class: "labelled" }, h("span", {}, t("survey_comment")), input),
      h("div", { class: "actions" }, h("button", { class: "primary" }, t("send"))),
    );
    this.#comment.replaceChildren(form);
  }
}
