/**
 * The chat on a shop's page. This one script is all that a page needs:
 *
 *     <script type="module" src="https://chat.shop.example/widget/shopdesk.js"></script>
 *
 * It adds <shopdesk-chat> to the page, unless the page has one of its own, which may say:
 *   language="zh"    instead of the page's <html lang>
 *   server="…"       if the gateway is not where this script came from
 *   shop-name="…"    instead of the page's <meta property="og:site_name">
 *   scheme="light"   or "dark", instead of what the customer's system prefers
 *
 * Methods: open(), close(), write(text), which the customer may then send.
 * Events, which bubble: shopdesk:open, shopdesk:close, shopdesk:message, shopdesk:rating.
 * Looks: --shopdesk-accent, --shopdesk-on-accent, --shopdesk-font, --shopdesk-radius, --shopdesk-inset,
 * --shopdesk-z-index.
 */

import { Connection, State } from "./connection.js";
import { Outbox } from "./outbox.js";
import { Storage, uuid } from "./storage.js";
import { chooseLanguage, loadTexts, localeOf } from "./texts.js";
import { Transcript } from "./transcript.js";
import { View } from "./view.js";

const GAP_MENDED_WITHIN = 2_000;
const TROUBLE_SHOWN_AFTER = 1_000;
const NOTICE_SHOWN_FOR = 8_000;
const TYPING_LASTS = 60_000;

const style = fetch(new URL("style.css", import.meta.url))
  .then((response) => response.text())
  .then((css) => new CSSStyleSheet().replace(css));

class ShopdeskChat extends HTMLElement {
  static observedAttributes = ["language"];

  language = "en";
  #t;
  #view;
  #connection;
  #storage;
  #visit;
  #outbox;
  #transcript = new Transcript();
  #open = false;
  #status = "bot";
  #typing = null;
  #troubled = false;
  #notice = null;
  #greeted = false;
  #drawn = true;
  #timers = {};
  #seen = () => this.#draw();

  connectedCallback() {
    if (!this.#connection) this.#assemble();
    document.addEventListener("visibilitychange", this.#seen);
    this.#speak();
    if (this.#visit.get("open") && !View.phone) this.#show();
    if (this.#open || this.#storage.get("session") || this.#outbox.size) this.#connection.start();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.#seen);
    this.#connection.stop();
  }

  attributeChangedCallback() {
    if (this.#connection && this.isConnected) this.#speak();
  }

  open() {
    if (this.#open) return;
    this.#show();
    this.#view?.focus();
    this.#tell("open");
  }

  close() {
    if (!this.#open) return;
    this.#open = false;
    this.#visit.remove("open");
    this.#draw(true);
    this.#view?.launcher.focus();
    this.#tell("close");
  }

  write(text) {
    this.#visit.set("draft", text);
    this.#view?.write(text);
  }

  // What the connection asks and tells:

  get lastSeq() {
    return this.#transcript.lastSeq;
  }

  get wanted() {
    return this.#open || this.#outbox.size > 0;
  }

  connectionChanged(state) {
    if (state === State.READY) {
      this.#troubled = false;
      clearTimeout(this.#timers.trouble);
    } else this.#typing = null;
    if (state === State.REFUSED) this.#troubled = true;
    // A short drop is mended before the customer need know of it.
    if (state === State.WAITING && !this.#troubled) {
      this.#after("trouble", TROUBLE_SHOWN_AFTER, () => (this.#troubled = true));
    }
    this.#draw();
  }

  outboxChanged() {
    this.#draw();
  }

  startedAnew() {
    if (this.#transcript.last) this.#notify(this.#t?.("renewed"));
    this.#transcript.clear();
    this.#storage.remove("read");
    this.#draw();
  }

  frameCame(frame) {
    switch (frame.type) {
      case "welcome":
        this.#status = frame.status;
        for (const message of frame.messages) this.#take(message, this.#greeted);
        this.#transcript.closeGaps();
        this.#greeted = true;
        break;
      case "ack":
      case "message":
        this.#take(frame.message, true);
        if (this.#transcript.hasGap) this.#mendGap();
        break;
      case "typing":
        this.#typing = frame.on ? frame.author : null;
        this.#after("typing", TYPING_LASTS, () => (this.#typing = null));
        break;
      case "status":
        this.#status = frame.status;
        break;
      case "rated":
        this.#transcript.rate(frame.message, frame.value);
        break;
      case "error":
        this.#notify(this.#t?.(`error_${frame.code}`));
    }
    this.#draw();
  }

  #assemble() {
    const asked = this.getAttribute("server");
    const server = asked ? new URL(`${asked.replace(/\/+$/, "")}/`, document.baseURI) : new URL("..", import.meta.url);
    const socket = new URL("v1/chat", server);
    socket.protocol = socket.protocol.replace("http", "ws");
    this.#storage = new Storage(server.href);
    this.#visit = new Storage(server.href, () => sessionStorage);
    this.#outbox = new Outbox(this.#storage);
    this.#connection = new Connection({ url: socket.href, storage: this.#storage, outbox: this.#outbox, host: this });
    this.attachShadow({ mode: "open" });
  }

  /** Draws everything in the language that is asked for now. */
  async #speak() {
    const language = chooseLanguage(this.getAttribute("language"), document.documentElement.lang, navigator.language);
    this.language = language;
    const [sheet, t] = await Promise.all([style, loadTexts(language)]);
    if (this.language !== language) return; // asked for another one meanwhile
    this.#t = t;
    this.#view?.discard();
    this.#view = new View({
      t,
      locale: localeOf(language),
      act: {
        draft: this.#visit.get("draft") ?? "",
        keep: (draft) => this.#visit.set("draft", draft),
        toggle: () => (this.#open ? this.close() : this.open()),
        close: () => this.close(),
        send: (text, payload) => this.#send(text, payload),
        rate: (message, value, comment) => this.#rate(message, value, comment),
        retry: (key) => {
          this.#connection.retry(key);
          this.#draw();
        },
        reconnect: () => this.#connection.start(),
        begin: () => this.#begin(),
      },
    });
    this.shadowRoot.adoptedStyleSheets = [sheet];
    this.shadowRoot.replaceChildren(...this.#view.elements);
    for (const element of this.#view.elements) element.lang = language;
    this.#draw(true);
  }

  #show() {
    this.#open = true;
    this.#visit.set("open", true);
    this.#connection.start();
    this.#draw(true);
    this.#view?.toEnd();
  }

  #send(text, payload) {
    const id = uuid();
    this.#connection.send(id, { type: "message", id, text, payload });
    this.#draw();
  }

  #rate(message, value, comment) {
    this.#transcript.rate(message, value);
    this.#connection.send(`rating ${message}`, { type: "rating", message, value, comment });
    this.#tell("rating", { message, value, comment });
    this.#draw();
  }

  #begin() {
    this.#transcript.clear();
    this.#status = "bot";
    this.#connection.startAnew();
    this.#draw(true);
    this.#view.focus();
  }

  #take(message, live) {
    if (!this.#transcript.add(message) || !live) return;
    if (message.author !== "customer") this.#typing = null;
    const { id, author, text, language, at } = message;
    this.#tell("message", { id, author, text, language, at });
  }

  #mendGap() {
    this.#after("gap", GAP_MENDED_WITHIN, () => this.#transcript.hasGap && this.#connection.resync());
  }

  #tell(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(`shopdesk:${name}`, { detail, bubbles: true, composed: true }));
  }

  #notify(text) {
    if (!text) return;
    this.#notice = text;
    this.#after("notice", NOTICE_SHOWN_FOR, () => (this.#notice = null));
    this.#draw();
  }

  #after(name, milliseconds, action) {
    clearTimeout(this.#timers[name]);
    this.#timers[name] = setTimeout(() => {
      action();
      this.#draw();
    }, milliseconds);
  }

  /** Draws once for all that happens in one go; `now` where the focus is moved right after. */
  #draw(now = false) {
    if (now) return this.#paint();
    if (!this.#drawn) return;
    this.#drawn = false;
    queueMicrotask(() => this.#drawn || this.#paint());
  }

  #paint() {
    this.#drawn = true;
    if (!this.#view) return;
    const messages = this.#transcript.list;
    const numbered = new Set(messages.map((message) => message.client_id));
    const pending = this.#outbox.messages().filter((item) => !numbered.has(item.key));
    const last = pending.length ? null : messages.at(-1);
    if (this.#open && !document.hidden && last) this.#storage.set("read", last.seq);
    const read = this.#storage.get("read") ?? 0;
    this.#view.show({
      open: this.#open,
      unread: messages.filter(({ seq, author }) => seq > read && author !== "customer").length,
      name:
        this.getAttribute("shop-name") ??
        document.querySelector('meta[property="og:site_name"]')?.content ??
        this.#t("title"),
      status: this.#status,
      line: this.#connection.state,
      ...this.#banner(),
      entries: [
        ...messages.map((message) => ({ key: message.client_id ?? message.id, message })),
        ...pending.map((item) => ({ key: item.key, item })),
      ],
      typing: this.#typing,
      suggestions: this.#suggestions(messages, pending),
    });
  }

  #banner() {
    if (!this.#troubled) return { banner: this.#notice, mayRetry: false };
    if (this.#connection.state === State.REFUSED) return { banner: this.#t("refused"), mayRetry: false };
    return { banner: this.#t(navigator.onLine ? "lost" : "offline"), mayRetry: true };
  }

  #suggestions(messages, pending) {
    if (this.#status === "closed" || pending.length) return [];
    const last = messages.at(-1);
    if (last) return last.author === "customer" ? [] : (last.quick_replies ?? []);
    const starters = this.#t("starters").split("|").map((title) => ({ title }));
    return [...starters, { title: this.#t("person"), payload: "/request_human" }];
  }
}

if (!customElements.get("shopdesk-chat")) customElements.define("shopdesk-chat", ShopdeskChat);
if (!document.querySelector("shopdesk-chat")) document.body.append(document.createElement("shopdesk-chat"));
