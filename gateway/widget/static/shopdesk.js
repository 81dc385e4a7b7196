/**
 * The chat on a shop's page. This one script is all that a page needs:
 *
 *     <script type="module" src="https://chat.shop.example/widget/shopdesk.js"></script>
 *
 * It adds <shopdesk-chat> to the page, unless the page has one of its own, and gives the page's scripts
 * `window.shopdesk`. Attributes, options, methods, events and looks are described in docs/widget.md.
 */

import { chime } from "./chime.js";
import { checked, pageConfig } from "./config.js";
import { Conversation } from "./conversation.js";
import { downloadTranscript } from "./download.js";
import { Greetings } from "./greetings.js";
import { Notices } from "./notices.js";
import { offer } from "./page.js";
import { Storage } from "./storage.js";
import { sheets } from "./styles.js";
import { chooseLanguage, loadTexts, localeOf } from "./texts.js";
import { badgeTitle } from "./title.js";
import { View } from "./view.js";

const LEAVE_CONTACT = "/leave_contact";

class ShopdeskChat extends HTMLElement {
  static observedAttributes = ["language"];

  language = "en";
  #config = {};
  #server;
  #storage;
  #visit;
  #conversation;
  #greetings;
  #t;
  #view;
  #isOpen = false;
  #notices = new Notices(() => this.#draw());
  #spoken = 0;
  #drawn = true;
  #unwatch;
  #looked = () => this.#draw();

  connectedCallback() {
    if (!this.#conversation) this.#assemble();
    document.addEventListener("visibilitychange", this.#looked);
    // What is done in another tab, and the gateway does not tell this one.
    this.#unwatch = [
      this.#storage.watch("logout", (set) => set && this.#conversation.loggedOutElsewhere()),
      this.#storage.watch("survey", () => this.#draw()),
    ];
    this.#greetings.start();
    this.#speak();
    if (this.#visit.get("open") && !View.phone) this.#show();
    if (this.#isOpen || this.#storage.get("session") || this.#conversation.busy) this.#conversation.start();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.#looked);
    for (const unwatch of this.#unwatch) unwatch();
    this.#greetings.stop();
    this.#conversation.stop();
  }

  attributeChangedCallback() {
    if (this.#conversation && this.isConnected) this.#speak();
  }

  // For the page's own scripts; also as window.shopdesk:

  open() {
    if (this.#isOpen) return;
    if (this.#greetings.shown?.beside) this.#tell("greeting", { match: this.#greetings.shown.match, action: "opened" });
    this.#show();
    this.#view?.focus();
    this.#tell("open");
  }

  close() {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#visit.remove("open");
    this.#draw(true);
    this.#view?.launcher.focus();
    this.#tell("close");
  }

  /** Puts a text into the composer, for the customer to send. */
  write(text) {
    this.#visit.set("draft", text);
    this.#view?.write(text);
  }

  /** Says who the customer is: a token that the shop's server signed, or a function that fetches one. */
  identify(source) {
    this.#conversation.identify(source);
  }

  /** The customer has signed out of the shop: the chat is another's from here on. */
  logout() {
    this.#conversation.logout();
  }

  configure(options) {
    Object.assign(this.#config, checked(options));
    this.#configured();
    this.#speak();
  }

  // What the conversation asks and tells:

  get wanted() {
    return this.#isOpen;
  }

  changed() {
    this.#draw();
  }

  tell(name, detail) {
    this.#tell(name, detail);
    if (name === "message" && detail.author !== "customer" && this.#storage.get("sound") && !this.#watched) chime();
  }

  notify(key) {
    const text = this.#t?.(key);
    if (text) this.#notices.say(text);
  }

  /** There is another conversation; what was prepared for the old one goes. */
  renewed(key) {
    this.#greetings.forget();
    if (key) return this.notify(key);
    this.#visit.remove("draft");
    this.#view?.reset();
    this.#draw();
  }

  lineChanged(state) {
    this.#notices.lineChanged(state);
  }

  #assemble() {
    this.#config = { ...pageConfig(), ...this.#config };
    const asked = this.getAttribute("server") ?? this.#config.server;
    const server = asked ? new URL(`${asked.replace(/\/+$/, "")}/`, document.baseURI) : new URL("..", import.meta.url);
    this.#server = server;
    this.#storage = new Storage(server.href);
    this.#visit = new Storage(server.href, () => sessionStorage);
    this.#conversation = new Conversation({ server, storage: this.#storage, visit: this.#visit, host: this });
    this.#greetings = new Greetings({
      visit: this.#visit,
      storage: this.#storage,
      may: () => !this.#isOpen && !this.#conversation.begun,
      show: ({ match }) => {
        this.#tell("greeting", { match, action: "shown" });
        this.#draw();
      },
    });
    this.attachShadow({ mode: "open" });
    this.#configured();
  }

  #configured() {
    const { greetings, scheme } = this.#config;
    if (scheme && !this.hasAttribute("scheme")) this.setAttribute("scheme", scheme);
    if (this.#greetings && greetings) this.#greetings.rules = greetings;
  }

  /** Draws everything in the language that is asked for now. */
  async #speak() {
    if (!this.#conversation) return;
    const turn = ++this.#spoken;
    const wished = this.getAttribute("language") ?? this.#config.language;
    const language = chooseLanguage(wished, document.documentElement.lang, navigator.language);
    this.language = language;
    const [looks, t] = await Promise.all([sheets, loadTexts(language, this.#config.texts?.[language])]);
    if (turn !== this.#spoken) return; // asked for another one meanwhile
    this.#t = t;
    this.#view?.discard();
    const now = () => Date.now() + this.#conversation.skew;
    this.#view = new View({ t, locale: localeOf(language), now, act: this.#acts() });
    this.shadowRoot.adoptedStyleSheets = looks;
    this.shadowRoot.replaceChildren(...this.#view.elements);
    for (const element of this.#view.elements) element.lang = language;
    this.#draw(true);
  }

  /** What the customer can do. */
  #acts() {
    const conversation = this.#conversation;
    return {
      server: this.#server,
      uploads: conversation.uploads,
      draft: this.#visit.get("draft") ?? "",
      keep: (draft) => {
        this.#visit.set("draft", draft);
        conversation.wrote(draft);
      },
      toggle: () => (this.#isOpen ? this.close() : this.open()),
      close: () => this.close(),
      dismiss: () => {
        this.#tell("greeting", { match: this.#greetings.shown.match, action: "dismissed" });
        this.#greetings.dismissed();
        this.#view.launcher.focus();
        this.#draw();
      },
      send: (text, payload, files) =>
        payload === LEAVE_CONTACT ? this.#askContact() : conversation.send(text, payload, files),
      rate: (message, value, comment) => conversation.rate(message, value, comment),
      retry: (key) => conversation.retry(key),
      earlier: () => conversation.earlier(),
      reconnect: () => conversation.start(),
      end: () => conversation.end(),
      continue: () => {
        conversation.continue();
        this.#draw(true);
        this.#view.focus();
      },
      survey: (score, comment) => conversation.survey(score, comment),
      askContact: () => this.#askContact(),
      leaveContact: (fields) => conversation.leaveContact(fields),
      begin: () => {
        conversation.begin();
        this.#draw(true);
        this.#view.focus();
      },
      sounds: () => Boolean(this.#storage.get("sound")),
      toggleSound: () => {
        this.#storage.set("sound", !this.#storage.get("sound"));
        if (this.#storage.get("sound")) chime();
      },
      download: () => this.#download(),
    };
  }

  #show() {
    this.#isOpen = true;
    this.#visit.set("open", true);
    this.#greetings.taken();
    this.#conversation.start();
    this.#draw(true);
    this.#view?.toEnd();
  }

  #askContact() {
    const { customer, contactState } = this.#conversation;
    if (contactState === "sent") this.#conversation.contact = null;
    const { name, email } = customer ?? {};
    this.#view.askContact({ name, email, text: this.#conversation.lastQuestion(this.#t("person")) });
    this.#draw();
  }

  async #download() {
    const { session } = this.#conversation;
    const name = `chat-${new Date().toISOString().slice(0, 10)}.txt`;
    try {
      await downloadTranscript({ server: this.#server, session, language: this.language, name });
    } catch {
      this.notify("download_failed");
    }
  }

  /** Whether what comes now is seen at once. */
  get #watched() {
    return this.#isOpen && !document.hidden;
  }

  #tell(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(`shopdesk:${name}`, { detail, bubbles: true, composed: true }));
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
    const conversation = this.#conversation;
    if (this.#watched) conversation.see();
    const { unread, closed, ended, begun, line, customer } = conversation;
    if (this.#config.titleBadge) badgeTitle(unread);
    this.#view.show({
      open: this.#isOpen,
      unread,
      name:
        this.getAttribute("shop-name") ??
        this.#config.shopName ??
        document.querySelector('meta[property="og:site_name"]')?.getAttribute("content") ??
        this.#t("title"),
      status: closed ? "closed" : conversation.status,
      line,
      ...this.#notices.banner(this.#t),
      entries: [...this.#firstLine, ...conversation.entries],
      history: conversation.history,
      typing: conversation.typing,
      suggestions: this.#suggestions(),
      ended,
      survey: conversation.surveyed,
      contactState: conversation.contactState,
      contactEmail: conversation.contact?.email,
      // A signed-in customer has one conversation, which goes on.
      mayBegin: !customer,
      can: {
        download: begun && Boolean(conversation.session),
        new_chat: begun && !ended && !customer,
        end: begun && !closed,
      },
      teaser: this.#isOpen ? null : this.#greetings.teaser(this.language),
    });
  }

  get #firstLine() {
    const { history, skew } = this.#conversation;
    return history === "none" ? this.#greetings.entries(this.language, skew) : [];
  }

  #suggestions() {
    const { ended, busy, begun, quickReplies } = this.#conversation;
    if (ended) return [];
    if (begun) return busy ? [] : quickReplies;
    const starters = this.#t("starters").split("|").map((title) => ({ title }));
    return [...starters, { title: this.#t("person"), payload: "/request_human" }];
  }
}

if (!customElements.get("shopdesk-chat")) {
  customElements.define("shopdesk-chat", ShopdeskChat);
  if (!document.querySelector("shopdesk-chat")) document.body.append(document.createElement("shopdesk-chat"));
  offer(document.querySelector("shopdesk-chat"));
}
