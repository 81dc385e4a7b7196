/** One conversation: what the gateway says of it, and what the customer does in it. */

import { Closing } from "./closing.js";
import { Connection, State } from "./connection.js";
import { Identity } from "./identity.js";
import { Outbox } from "./outbox.js";
import { Seen } from "./seen.js";
import { uuid } from "./storage.js";
import { Transcript } from "./transcript.js";
import { Typist } from "./typist.js";
import { Uploads } from "./uploads.js";

/** @import { MessageView, ServerFrame, Welcome } from "../protocol" */

const GAP_MENDED_WITHIN = 2_000;
const TYPING_LASTS = 60_000;

/** Whether a message stands right behind the one that it answers, or behind another answer to that. */
const follows = ({ reply_to }, before) => before && (before.seq === reply_to || before.reply_to === reply_to);

export class Conversation {
  /** @type {Welcome["status"]} */
  status = "bot";
  /** Who the shop says the customer is: {name, email}, or null. */
  customer = null;
  /** The offline form on its way: {id, email, state}. */
  contact = null;
  typing = null;
  #storage;
  #host;
  #identity = new Identity();
  #outbox;
  #connection;
  #transcript = new Transcript();
  #typist = new Typist((on) => this.#connection.tell({ type: "typing", on }));
  #greeted = false;
  #closing;
  #paging = false;
  #seen;
  #timers = {};

  /** The host: language, wanted, changed(), notify(key), tell(name, detail), lineChanged(), renewed(key). */
  constructor({ server, storage, visit, host }) {
    this.#storage = storage;
    this.#host = host;
    this.#outbox = new Outbox(storage);
    this.#seen = new Seen(storage, (frame) => this.#connection.tell(frame));
    this.uploads = new Uploads({ server, session: () => this.session, storage: visit });
    const url = new URL("v1/chat", server);
    url.protocol = url.protocol.replace("http", "ws");
    this.#connection = new Connection({ url: url.href, storage, outbox: this.#outbox, host: this });
    const send = (key, frame) => this.#connection.send(key, frame);
    this.#closing = new Closing({ storage, outbox: this.#outbox, send });
  }

  // What the customer does:

  start() {
    this.#connection.start();
  }

  stop() {
    this.#connection.stop();
  }

  send(text, payload = null, files = []) {
    const id = uuid();
    this.#closing.continue();
    this.#typist.stop();
    this.#outbox.settle("end"); // whoever writes on has not ended
    this.#connection.send(id, { type: "message", id, text, payload, files: files.map((file) => file.id) }, { files });
    this.#host.changed();
  }

  retry(key) {
    this.#connection.retry(key);
    this.#host.changed();
  }

  wrote(draft) {
    if (this.status === "human" && draft.trim()) this.#typist.wrote();
    else this.#typist.stop();
  }

  rate(message, value, comment) {
    this.#transcript.rate(message, value);
    this.#connection.send(`rating ${message}`, { type: "rating", message, value, comment });
    if (comment === null) this.#host.tell("rating", { message, value });
    this.#host.changed();
  }

  earlier() {
    if (this.#paging || !this.#transcript.earlier) return;
    this.#paging = this.#connection.tell({ type: "history", before: this.#transcript.first.seq });
    this.#host.changed();
  }

  end() {
    this.#closing.end();
    this.#host.changed();
  }

  continue() {
    this.#closing.continue();
    this.#host.changed();
  }

  survey(score, comment) {
    this.#closing.rate(score, comment);
    if (comment === null) this.#host.tell("survey", { score });
    this.#host.changed();
  }

  leaveContact({ name, email, text }) {
    if (this.contact) this.#outbox.settle(this.contact.id);
    const id = uuid();
    this.contact = { id, email };
    this.#connection.send(id, { type: "contact", id, email, text, name: name || null });
    this.#host.changed();
  }

  begin() {
    // A person who has it must not wait for a customer who is gone.
    if (!this.closed) this.#connection.tell({ type: "end" });
    this.#leave();
    this.#connection.startAnew();
  }

  identify(source) {
    if (this.#identity.set(source)) this.#connection.identify();
  }

  /** Everything of this customer goes from the browser; the gateway hears of it as soon as it can. */
  logout() {
    this.#clear();
    this.#connection.logout();
  }

  /** Another tab logged out. */
  loggedOutElsewhere() {
    const { customer } = this;
    this.#clear();
    this.#connection.loggedOutElsewhere(customer);
  }

  /** The customer has seen what is shown. */
  see() {
    if (this.#transcript.last) this.#seen.shown(this.#transcript.last.seq);
  }

  // What there is to show:

  get session() {
    return this.#storage.get("session");
  }

  get line() {
    return this.#connection.state;
  }

  get begun() {
    return Boolean(this.#transcript.last) || this.#outbox.messages().length > 0;
  }

  get busy() {
    return this.#outbox.size > 0;
  }

  /** @returns {Array<{key: string, message?: MessageView, quoted?: MessageView, item?: any}>} */
  get entries() {
    const messages = this.#transcript.list;
    const numbered = new Set(messages.map((message) => message.client_id));
    const pending = this.#outbox.messages().filter(({ key }) => !numbered.has(key));
    return [
      ...messages.map((message, place) => ({
        key: message.client_id ?? message.id,
        message,
        quoted: follows(message, messages[place - 1]) ? null : messages.find(({ seq }) => seq === message.reply_to),
      })),
      // By the gateway's clock, as all the others: the customer's may be days off.
      ...pending.map((item) => ({ key: item.key, item: { ...item, at: item.at + this.skew } })),
    ];
  }

  get quickReplies() {
    return this.#transcript.quickReplies;
  }

  /** Milliseconds that the gateway's clock is ahead of this one. */
  get skew() {
    return this.#storage.get("skew") ?? 0;
  }

  /** Whether older messages can be asked for, and are: "none", "more" or "loading". */
  get history() {
    if (!this.#transcript.earlier) return "none";
    return this.#paging ? "loading" : "more";
  }

  get unread() {
    return this.#transcript.unreadAfter(this.#seen.seq);
  }

  get closed() {
    return this.#closing.closed(this.status);
  }

  get ended() {
    return this.#closing.ended(this.status);
  }

  get surveyed() {
    return this.#closing.survey;
  }

  get contactState() {
    return this.contact && (this.#outbox.get(this.contact.id)?.state ?? "sent");
  }

  /** What the customer asked last in words, not by a button. `buttons` are those that the widget itself has. */
  lastQuestion(...buttons) {
    const offered = this.#transcript.list.flatMap(({ quick_replies }) => quick_replies.map(({ title }) => title));
    const own = this.entries
      .filter(({ message }) => !message || message.author === "customer")
      .map(({ message, item }) => message?.text ?? item.frame.text);
    return own.findLast((text) => text && !offered.includes(text) && !buttons.includes(text)) ?? "";
  }

  // What the connection asks and tells:

  get language() {
    return this.#host.language;
  }

  get lastSeq() {
    return this.#transcript.lastSeq;
  }

  get wanted() {
    return this.#host.wanted || this.busy;
  }

  skewed(milliseconds) {
    this.#storage.set("skew", milliseconds);
  }

  identity() {
    return this.#identity.token();
  }

  identityRefused(reason) {
    return this.#identity.refused(reason);
  }

  connectionChanged(state) {
    if (state !== State.READY) {
      this.typing = null;
      this.#paging = false;
      this.#typist.reset();
    }
    this.#host.lineChanged(state);
  }

  outboxChanged() {
    this.#host.changed();
  }

  startedAnew() {
    if (this.#transcript.last) this.#host.renewed("renewed");
    this.#forget();
    this.uploads.renew();
    this.#host.changed();
  }

  /** @param {ServerFrame} frame */
  frameCame(frame) {
    switch (frame.type) {
      case "welcome":
        this.#welcomed(frame);
        break;
      case "history":
        this.#paging = false;
        this.#transcript.prepend(frame);
        break;
      case "ack":
      case "message":
        if (this.#transcript.add(frame.message)) this.#came(frame.message);
        if (this.#transcript.hasGap) this.#mendGap();
        break;
      case "typing":
        if (frame.on || this.typing === frame.author) this.typing = frame.on ? frame.author : null;
        this.#after("typing", TYPING_LASTS, () => (this.typing = null));
        break;
      case "status":
        this.#become(frame.status);
        break;
      case "seen":
        this.#seen.heard(frame.seq);
        break;
      case "rated":
        this.#transcript.rate(frame.message, frame.value);
        break;
      case "surveyed":
        this.#closing.rated(frame.score);
        break;
      case "contacted":
        this.#host.tell("contact");
        if (this.contact?.id !== frame.id) this.#host.notify("contact_sent");
        break;
      case "error":
        this.#host.tell("error", { code: frame.code });
        this.#host.notify(`error_${frame.code}`);
    }
    this.#host.changed();
  }

  /** @param {Welcome} frame */
  #welcomed(frame) {
    this.#seen.heard(frame.seen_seq);
    this.customer = frame.customer;
    if (this.#greeted) this.#become(frame.status);
    else this.#closing.became((this.status = frame.status));
    for (const message of this.#transcript.welcome(frame)) if (this.#greeted) this.#came(message);
    this.#greeted = true;
    this.uploads.resume();
  }

  /** History is no news: only what comes while the page is there is told to the shop's scripts. */
  #came(/** @type {MessageView} */ { id, author, language, at }) {
    if (author !== "customer") this.typing = null;
    this.#host.tell("message", { id, author, language, at });
  }

  #become(status) {
    if (status === this.status) return;
    this.status = status;
    this.#closing.became(status);
    if (status !== "human") this.#typist.reset();
    if (status === "waiting" || status === "human") this.#host.tell("handoff", { status });
  }

  #forget() {
    this.#transcript.clear();
    this.#seen.forget();
    this.#closing.became((this.status = "bot"));
    this.customer = null;
  }

  #clear() {
    this.#identity.forget();
    this.#outbox.clear();
    this.uploads.clear();
    this.#leave();
  }

  /** The customer, not the gateway, is done with it. */
  #leave() {
    this.contact = null;
    this.#forget();
    this.#host.renewed();
  }

  #mendGap() {
    this.#after("gap", GAP_MENDED_WITHIN, () => this.#transcript.hasGap && this.#connection.resync());
  }

  #after(name, milliseconds, action) {
    clearTimeout(this.#timers[name]);
    this.#timers[name] = setTimeout(() => {
      action();
      this.#host.changed();
    }, milliseconds);
  }
}
