/** The offline form: where nobody can answer now, an e-mail later. */

import { h, icon, set, write } from "./dom.js";

const LONGEST_NAME = 255;
const LONGEST_ADDRESS = 254;
const LONGEST_TEXT = 4000;
/** As strict as the gateway in what customers mistype: a part missing, two dots, a blank, a domain without an end. */
const ADDRESS =
  /^(?!\.)(?!.*\.\.)[^\s@"(),:;<>[\]\\]{1,64}(?<!\.)@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+(?:\p{L}{2,63}|xn--[a-z0-9-]{1,59})$/iu;

export class ContactForm {
  #t;
  #status;
  #form;
  #email;
  #error;
  #done;
  #shown = "";

  /** `act`: send({name, email, text}) and close(). Begins with what is known. */
  constructor(t, act, { name, email, text }) {
    this.#t = t;
    const label = (key, input) => h("label", { class: "labelled" }, h("span", {}, t(key)), input);
    const nameInput = h("input", { autocomplete: "name", maxlength: LONGEST_NAME, dir: "auto", value: name });
    this.#error = h("p", { id: "email-error", class: "error", hidden: true });
    this.#email = h("input", {
      type: "email",
      autocomplete: "email",
      required: true,
      maxlength: LONGEST_ADDRESS,
      value: email,
      "aria-describedby": "email-error",
      oninput: () => this.#complain(""),
    });
    const textInput = h("textarea", { rows: 4, dir: "auto", required: true, maxlength: LONGEST_TEXT });
    textInput.value = text;
    this.#form = h(
      "form",
      {
        class: "form",
        // The browser's own bubbles are not in the chat's language.
        novalidate: true,
        onsubmit: (event) => {
          event.preventDefault();
          const address = this.#email.value.trim();
          const words = textInput.value.trim();
          if (!ADDRESS.test(address)) {
            this.#complain(t("contact_bad_email"));
            this.#email.focus();
          } else if (!words) textInput.focus();
          else act.send({ name: nameInput.value.trim(), email: address, text: words });
        },
      },
      h("p", {}, t("contact_about")),
      label("contact_name", nameInput),
      label("contact_email", this.#email),
      this.#error,
      label("contact_text", textInput),
      h(
        "div",
        { class: "actions" },
        h("button", { class: "primary" }, t("send")),
        h("button", { type: "button", class: "link", onclick: act.close }, t("back")),
      ),
    );
    this.#status = h("p", {});
    this.#done = h(
      "div",
      { class: "thanks", role: "status", tabindex: -1, hidden: true },
      icon("mail"),
      this.#status,
      h("button", { type: "button", class: "secondary", onclick: act.close }, t("back")),
    );
    this.elements = [this.#form, this.#done];
  }

  /** The state of what was sent: null before, waiting, refused or failed, sent. */
  show(state, email, connected) {
    const now = `${state} ${connected}`;
    if (this.#shown === now) return;
    this.#shown = now;
    const refused = state === "refused" || state === "failed";
    const focused = this.#form.contains(this.#form.getRootNode().activeElement);
    this.#form.hidden = Boolean(state) && !refused;
    this.#done.hidden = !this.#form.hidden;
    if (refused) {
      this.#complain(this.#t("contact_refused"));
      this.#email.focus();
    } else if (state === "sent") write(this.#status, this.#t("contact_thanks", { email }));
    else if (state) write(this.#status, this.#t(connected ? "sending" : "contact_waits"));
    if (focused && !this.#done.hidden) this.#done.focus();
  }

  #complain(text) {
    write(this.#error, text);
    this.#error.hidden = !text;
    set(this.#email, "aria-invalid", text ? "true" : null);
  }
}
