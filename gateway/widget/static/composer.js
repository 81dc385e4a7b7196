/** Where the customer writes, and adds files. */

import { h, icon, set, write } from "./dom.js";
import { Tray } from "./files.js";
import { MOST_FILES, TYPES } from "./uploads.js";

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
  #act;
  #uploads;
  #tray;
  #input;
  #counter;
  #note;
  #button;
  #waits = false;
  #uploaded = () => this.#changed();

  /** Begins with the draft of before a reload; `act.keep` is given each change. */
  constructor({ t, locale, act }) {
    this.#t = t;
    this.#act = act;
    this.#uploads = act.uploads;
    this.#tray = new Tray({ t, locale, act, focus: () => this.focus() });
    this.#input = h("textarea", {
      rows: 1,
      dir: "auto",
      placeholder: t("write"),
      "aria-label": t("write"),
      "aria-describedby": "counter",
      enterkeyhint: "send",
      oninput: () => {
        // Who goes on writing is not done: what waits for its files is not sent half written.
        this.#waits = false;
        write(this.#note, "");
        this.#changed();
        act.keep(this.#input.value);
      },
      onkeydown: (event) => {
        if (!sends(event)) return;
        event.preventDefault();
        this.#submit();
      },
      onpaste: (event) => {
        const { files } = event.clipboardData;
        if (!files.length) return;
        event.preventDefault();
        this.#add(files);
      },
    });
    this.#counter = h("span", { id: "counter", class: "counter", role: "status" });
    this.#note = h("span", { class: "note", role: "status" });
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
      this.#tray.element,
      h("div", { class: "field" }, ...this.#chooser(), this.#input, this.#button),
      this.#note,
      this.#counter,
    );
    this.#input.value = act.draft;
    this.#uploads.addEventListener("change", this.#uploaded);
    this.#changed();
  }

  discard() {
    this.#uploads.removeEventListener("change", this.#uploaded);
    this.#tray.discard();
  }

  focus() {
    this.#input.focus();
  }

  write(text) {
    this.#input.value = text;
    this.#input.dispatchEvent(new Event("input"));
    this.focus();
  }

  clear() {
    this.#input.value = "";
    this.#input.dispatchEvent(new Event("input"));
  }

  /** Files that are dropped anywhere on the element go with the next message. */
  takeDropsOn(element) {
    element.append(h("div", { class: "drop", "aria-hidden": "true" }, icon("clip"), this.#t("drop")));
    const over = (event) => {
      if (!event.dataTransfer?.types.includes("Files") || this.element.hidden) return;
      event.preventDefault();
      element.classList.toggle("dropping", event.type === "dragover");
      if (event.type === "drop") this.#add(event.dataTransfer.files);
    };
    element.addEventListener("dragover", over);
    element.addEventListener("drop", over);
    element.addEventListener("dragleave", ({ relatedTarget }) => {
      if (!element.contains(relatedTarget)) element.classList.remove("dropping");
    });
  }

  #chooser() {
    const input = h("input", {
      type: "file",
      hidden: true,
      multiple: true,
      accept: TYPES.join(","),
      onchange: () => {
        this.#add(input.files);
        input.value = ""; // the same file may be chosen again
      },
    });
    const label = this.#t("attach");
    const button = h(
      "button",
      { type: "button", class: "attach", "aria-label": label, title: label, onclick: () => input.click() },
      icon("clip"),
    );
    return [input, button];
  }

  #add(files) {
    const room = this.#uploads.add(files);
    write(this.#note, room ? "" : this.#t("file_count", { n: MOST_FILES }));
    if (!matchMedia("(pointer: coarse)").matches) this.focus();
  }

  #submit() {
    const text = this.#input.value.trim();
    if ((!text && !this.#uploads.items.length) || lengthOf(text) > LONGEST_MESSAGE) return this.focus();
    if (this.#uploads.failed) return write(this.#note, this.#t("files_failed"));
    this.#waits = this.#uploads.busy;
    if (this.#waits) return write(this.#note, this.#t("files_wait"));
    const files = this.#uploads.take();
    this.write("");
    this.#act.send(text, null, files);
  }

  #changed() {
    const length = lengthOf(this.#input.value.trim());
    const left = LONGEST_MESSAGE - length;
    const empty = !length && !this.#uploads.items.length;
    // Empty, it says nothing of its direction; what it invites to then is in the widget's language.
    set(this.#input, "dir", this.#input.value ? "auto" : this.#t("dir"));
    set(this.#input, "aria-invalid", left < 0 ? "true" : null);
    // Not `disabled`: a button that vanishes from the Tab order while one writes is lost to the keyboard.
    set(this.#button, "aria-disabled", String(empty || left < 0));
    let count = "";
    if (left < 0) count = this.#t("too_long", { n: -left });
    else if (length > COUNTED_FROM) count = this.#t("left", { n: left });
    write(this.#counter, count);
    // Grows with its text where the browser cannot do so by itself.
    if (!CSS.supports("field-sizing", "content")) {
      this.#input.style.height = "auto";
      this.#input.style.height = `${this.#input.scrollHeight}px`;
    }
    if (this.#waits && !this.#uploads.busy) {
      this.#waits = false;
      write(this.#note, "");
      this.#submit();
    }
  }
}
