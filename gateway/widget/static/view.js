/** Everything that is seen: the button in the corner, and the panel with header, banner, log and composer. */

import { Composer } from "./composer.js";
import { h, icon, set, write } from "./dom.js";
import { Log } from "./log.js";

const PHONE = matchMedia("(max-width: 480px), (max-height: 420px)");

export class View {
  #t;
  #act;
  #log;
  #composer;
  #shown = "";

  static get phone() {
    return PHONE.matches;
  }

  constructor({ t, locale, act }) {
    this.#t = t;
    this.#act = act;
    this.#log = new Log({ t, locale, act });
    this.#composer = new Composer(t, { draft: act.draft, keep: act.keep, send: (text) => act.send(text) });
    this.badge = h("span", { class: "badge", "aria-hidden": "true" });
    this.launcher = h(
      "button",
      { type: "button", class: "launcher", "aria-controls": "panel", onclick: () => act.toggle() },
      icon("chat"),
      icon("down"),
      this.badge,
    );
    this.avatar = h("span", { class: "avatar", "aria-hidden": "true" });
    this.name = h("h1", { id: "name", dir: "auto" });
    this.status = h("p", { class: "status", role: "status" });
    this.bannerText = h("span");
    this.retry = h("button", { type: "button", class: "link", onclick: act.reconnect }, t("try_now"));
    this.banner = h("div", { class: "banner", role: "status" }, this.bannerText, this.retry);
    this.suggestions = h("div", { class: "suggestions", role: "group", "aria-label": t("suggestions") });
    this.ended = h(
      "div",
      { class: "ended" },
      h("p", {}, t("ended")),
      h("button", { type: "button", class: "primary", onclick: act.begin }, t("new_chat")),
    );
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
        onkeydown: (event) => event.key === "Escape" && !event.isComposing && act.close(),
      },
      h("header", {}, this.avatar, h("div", { class: "title" }, this.name, this.status), close),
      this.banner,
      this.#log.element,
      this.suggestions,
      this.#composer.element,
      this.ended,
    );
    this.elements = [this.launcher, this.panel];
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
    const { open, unread, status, line, entries, suggestions } = model;
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
    this.#log.show(entries, { typing: model.typing, connected });
    this.#suggest(suggestions);
    this.#composer.element.hidden = status === "closed";
    this.ended.hidden = status !== "closed";
  }

  /** Where writing begins at once; on a phone the keyboard would hide the conversation. */
  focus() {
    if (View.phone || matchMedia("(pointer: coarse)").matches) this.panel.focus();
    else this.#composer.focus();
  }

  write(text) {
    this.#composer.write(text);
  }

  toEnd() {
    this.#log.toEnd("instant");
  }

  discard() {
    visualViewport?.removeEventListener("resize", this.fit);
    visualViewport?.removeEventListener("scroll", this.fit);
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
