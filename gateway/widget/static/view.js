/** Everything that is seen: the button in the corner, and the panel with its head, banner, log and composer. */

import { Composer } from "./composer.js";
import { ContactForm } from "./contact.js";
import { h, icon, set, write } from "./dom.js";
import { Log } from "./log.js";
import { Menu } from "./menu.js";
import { Sheet } from "./sheet.js";
import { Survey } from "./survey.js";
import { Teaser } from "./teaser.js";

const PHONE = matchMedia("(max-width: 480px), (max-height: 420px)");

export class View {
  #t;
  #act;
  #log;
  #composer;
  #shown = "";
  #sheet;
  #menu;
  #survey;
  #teaser;
  #contact = null;

  static get phone() {
    return PHONE.matches;
  }

  constructor({ t, locale, now, act }) {
    this.#t = t;
    this.#act = act;
    this.#log = new Log({ t, locale, now, act });
    this.#composer = new Composer({ t, locale, act });
    this.badge = h("span", { class: "badge", "aria-hidden": "true" });
    this.launcher = h(
      "button",
      { type: "button", class: "launcher", "aria-controls": "panel", onclick: () => act.toggle() },
      icon("chat"),
      icon("down"),
      this.badge,
    );
    this.avatar = h("span", { class: "avatar", "aria-hidden": "true" });
    this.name = h("bdi");
    this.status = h("p", { class: "status", role: "status" });
    this.bannerText = h("span");
    this.retry = h("button", { type: "button", class: "link", onclick: act.reconnect }, t("try_now"));
    this.mail = h("button", { type: "button", class: "link", onclick: act.askContact }, t("leave_email"));
    this.banner = h("div", { class: "banner", role: "status" }, this.bannerText, this.mail, this.retry);
    this.suggestions = h("div", { class: "suggestions", role: "group", "aria-label": t("suggestions") });
    this.ended = h(
      "div",
      { class: "ended" },
      h("p", {}, t("ended")),
      (this.#survey = new Survey(t, act.survey)).element,
      h(
        "div",
        { class: "actions" },
        (this.newChat = h("button", { type: "button", class: "secondary", onclick: act.begin }, t("new_chat"))),
        h("button", { type: "button", class: "link", onclick: act.continue }, t("continue_chat")),
      ),
    );
    this.#menu = new Menu(t, [
      { name: "download", icon: "download", act: act.download },
      { name: "sound", icon: "bell", unchecked: "bell-off", act: act.toggleSound, checked: act.sounds },
      { name: "new_chat", icon: "restart", act: () => this.#askBegin() },
      { name: "end", icon: "end", act: () => this.#askEnd() },
    ]);
    const [menuButton, menuList] = this.#menu.elements;
    this.#teaser = new Teaser(t, { open: act.toggle, dismiss: act.dismiss });
    const conversation = [this.#log.element, this.suggestions, this.#composer.element, this.ended];
    this.#sheet = new Sheet(conversation, () => this.focus());
    const close = h(
      "button",
      { type: "button", class: "close", "aria-label": t("close"), title: t("close"), onclick: act.close },
      icon("close"),
    );
    this.panel = h(
      "section",
      {
        id: "panel",
        class: "panel",
        role: "dialog",
        "aria-labelledby": "name",
        tabindex: -1,
        inert: true,
        onkeydown: (event) => event.key === "Escape" && !event.isComposing && this.#escape(),
      },
      h("header", {}, this.avatar, h("div", { class: "title" }, h("h1", { id: "name" }, this.name), this.status), menuButton, close),
      menuList,
      this.banner,
      ...conversation,
      this.#sheet.element,
    );
    this.#composer.takeDropsOn(this.panel);
    this.elements = [this.#teaser.element, this.launcher, this.panel];
    // The corner is the page's; what stands in it is written as the language is.
    for (const child of [this.#teaser.element, ...this.panel.children]) child.dir = t("dir");
    // Where the viewport's own units do not follow the on-screen keyboard (Safari), its measured height does.
    this.fit = () => {
      const { height, offsetTop, scale } = visualViewport;
      if (scale > 1.01) return;
      this.panel.style.setProperty("--height", `${height}px`);
      this.panel.style.setProperty("--top", `${offsetTop}px`);
    };
    visualViewport?.addEventListener("resize", this.fit);
    visualViewport?.addEventListener("scroll", this.fit);
  }

  show(model) {
    const t = this.#t;
    const { open, unread, status, line, ended, suggestions } = model;
    set(this.launcher, "aria-expanded", String(open));
    const label = unread ? t("open_unread", { n: unread }) : t("open");
    set(this.launcher, "aria-label", open ? t("close") : label);
    this.badge.hidden = open || !unread;
    write(this.badge, unread > 9 ? "9+" : String(unread));
    set(this.panel, "inert", !open);
    this.panel.classList.toggle("open", open);
    this.launcher.classList.toggle("open", open);
    write(this.name, model.name);
    write(this.avatar, [...model.name][0].toUpperCase());
    const connected = line === "ready" || line === "idle";
    let state = status;
    if (!connected) state = line === "waiting" || line === "refused" ? "lost" : "connecting";
    set(this.status, "data-state", state);
    write(this.status, t(`status_${state}`));
    this.banner.hidden = !model.banner;
    write(this.bannerText, model.banner ?? "");
    this.retry.hidden = !model.mayRetry;
    this.mail.hidden = !model.mayMail || this.#sheet.open;
    this.#log.show(model.entries, { typing: model.typing, history: model.history, connected });
    this.#suggest(suggestions);
    this.#composer.element.hidden = ended;
    this.ended.hidden = !ended;
    this.newChat.hidden = !model.mayBegin;
    this.#survey.show(model.survey);
    this.#menu.show(model.can);
    this.#teaser.show(model.teaser);
    if (this.#sheet.open) this.#contact?.show(model.contactState, model.contactEmail, connected);
  }

  /** The offline form, with what is known of the customer. */
  askContact(known) {
    const close = () => this.#sheet.close();
    this.#contact = new ContactForm(this.#t, { send: this.#act.leaveContact, close }, known);
    this.#sheet.show(this.#t("leave_email"), ...this.#contact.elements);
  }

  /** Where writing begins at once; on a phone the keyboard would hide the conversation. */
  focus() {
    if (View.phone || matchMedia("(pointer: coarse)").matches) this.panel.focus();
    else this.#composer.focus();
  }

  write(text) {
    this.#composer.write(text);
  }

  /** Nothing of what was begun stays: the next customer at this browser is another. */
  reset() {
    this.#sheet.close();
    this.#composer.clear();
  }

  toEnd() {
    this.#log.toEnd("instant");
  }

  discard() {
    this.#composer.discard();
    visualViewport?.removeEventListener("resize", this.fit);
    visualViewport?.removeEventListener("scroll", this.fit);
  }

  #askEnd() {
    this.#ask("end", { text: "end_sure", yes: "end_yes", act: this.#act.end });
  }

  #askBegin() {
    this.#ask("new_chat", { text: "new_sure", yes: "new_yes", act: this.#act.begin });
  }

  #ask(title, { text, yes, act }) {
    const t = this.#t;
    this.#contact = null;
    const answer = (then) => () => {
      this.#sheet.close();
      then?.();
    };
    const button = (name, kind, then) => h("button", { type: "button", class: kind, onclick: answer(then) }, t(name));
    this.#sheet.show(
      t(title),
      h("p", {}, t(text)),
      h("div", { class: "actions" }, button(yes, "primary", act), button("go_on", "secondary")),
    );
  }

  #escape() {
    if (this.#sheet.open) this.#sheet.close();
    else this.#act.close();
  }

  #suggest(suggestions) {
    const now = JSON.stringify(suggestions);
    if (now === this.#shown) return;
    this.#shown = now;
    const buttons = suggestions.map(({ title, payload }) =>
      h(
        "button",
        {
          type: "button",
          dir: "auto",
          onclick: () => {
            // The buttons go once one is pressed; the keyboard's place must not go with them.
            this.focus();
            this.#act.send(title, payload);
          },
        },
        title,
      ),
    );
    this.suggestions.replaceChildren(...buttons);
    this.suggestions.hidden = !buttons.length;
  }
}
