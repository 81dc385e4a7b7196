/**
 * The line to the gateway, protocol version 1: says hello, resumes after the last message seen, sends what is in the
 * outbox until it is confirmed, notices a dead socket, and comes back after a drop.
 */

import { uuid } from "./storage.js";

/** @import { ClientFrame, ServerFrame, Welcome, Ack, ErrorFrame } from "../protocol" */

export const State = Object.freeze({
  IDLE: "idle", // not wanted yet: a visitor who never opens the chat costs the gateway no socket
  CONNECTING: "connecting",
  GREETING: "greeting", // hello is sent, welcome awaited
  READY: "ready",
  WAITING: "waiting", // lost; the next try is set
  REFUSED: "refused", // trying again would not help
});
/** @typedef {(typeof State)[keyof typeof State]} Line */

const LEGAL = {
  idle: ["connecting"],
  connecting: ["greeting", "waiting", "refused", "idle"],
  greeting: ["ready", "waiting", "refused", "idle"],
  ready: ["waiting", "refused", "idle"],
  waiting: ["connecting", "idle"],
  refused: ["connecting", "idle"],
};

const BAD_FRAME = 4400;
const BAD_SESSION = 4401;
const ORIGIN_REFUSED = 4403;
const TOO_MANY = 4429;

const WELCOME_WITHIN = 10_000;
const ACK_WITHIN = 10_000;
const TRIES = 3;
const PING_EVERY = 25_000;
const PONG_WITHIN = 8_000;
const STEADY_AFTER = 10_000;
const LONGEST_WAIT = 30_000;
const LONGEST_WAIT_IF_WANTED = 8_000;

export class Connection {
  #url;
  #storage;
  #outbox;
  #host;
  /** @type {Line} */
  #state = State.IDLE;
  #socket = null;
  #session = null;
  #turn = 0;
  #losses = 0;
  #settled = () => {};
  #timers = {};
  #unwatch = () => {};

  /**
   * The host: language, lastSeq, wanted, identity(), identityRefused(), connectionChanged(), frameCame(),
   * outboxChanged(), startedAnew(), skewed().
   */
  constructor({ url, storage, outbox, host }) {
    this.#url = url;
    this.#storage = storage;
    this.#outbox = outbox;
    this.#host = host;
  }

  get state() {
    return this.#state;
  }

  /** Connects now, without waiting for the next try. Does nothing while a socket is in use. */
  start() {
    if (this.#state === State.IDLE) {
      addEventListener("online", this);
      addEventListener("offline", this);
      document.addEventListener("visibilitychange", this);
      // Another tab began a new conversation: this one must not go on in the old.
      this.#unwatch = this.#storage.watch("conversation", () => this.#restart());
    }
    if (!LEGAL[this.#state].includes(State.CONNECTING)) return;
    this.#losses = 0; // somebody is waiting: the pauses begin short again
    this.#connect();
  }

  stop() {
    removeEventListener("online", this);
    removeEventListener("offline", this);
    document.removeEventListener("visibilitychange", this);
    this.#unwatch();
    this.#leave();
    if (this.#state !== State.IDLE) this.#go(State.IDLE);
  }

  /**
   * Sends a frame until the gateway confirms it under `key`, over reconnects and reloads; `shown` is kept beside it.
   * @param {string} key
   * @param {ClientFrame} frame
   */
  send(key, frame, shown = {}) {
    this.#outbox.put(key, frame, shown);
    this.start();
    this.#flush();
  }

  /**
   * Sends a frame now or never: what is only true at this moment. Returns whether it went.
   * @param {ClientFrame} frame
   */
  tell(frame) {
    if (this.#state !== State.READY) return false;
    this.#transmit(frame);
    return true;
  }

  retry(key) {
    this.#outbox.retry(key);
    this.start();
    this.#flush();
  }

  /** Asks again for what is missing: hello with the last number up to which all is here. */
  resync() {
    if (this.#state === State.READY) this.#reconnect();
  }

  /** Says hello again, as somebody else. */
  identify() {
    if (this.#state !== State.IDLE) this.#reconnect();
  }

  /** The gateway is told, now or when it can be reached, that nobody may come back with this session. */
  logout() {
    if (!this.#storage.get("session")) return this.identify();
    this.#storage.set("logout", true);
    this.start();
    this.tell({ type: "logout" });
  }

  /**
   * Another tab has logged out. The gateway may have closed this one's socket before that was heard here: what came back
   * as the customer meanwhile goes again.
   */
  loggedOutElsewhere(customer) {
    if (this.#state === State.READY && (customer || this.#leaving)) this.#transmit({ type: "logout" });
    else if (this.#state === State.CONNECTING || this.#state === State.GREETING) this.#reconnect();
  }

  /** Leaves the conversation for a new one. */
  startAnew() {
    this.#storage.remove("session");
    this.#restart();
  }

  handleEvent(event) {
    if (document.hidden) return;
    if (this.#state === State.WAITING && event.type !== "offline") this.#connect();
    // Browsers say "offline" wrongly at times, and say nothing when a laptop wakes: ask the gateway itself.
    else if (this.#state === State.READY) this.#ping();
    this.#host.connectionChanged(this.#state);
  }

  get #leaving() {
    return this.#storage.get("logout");
  }

  #go(state) {
    if (!LEGAL[this.#state].includes(state)) {
      throw new Error(`connection: ${this.#state} -> ${state}, expected one of ${LEGAL[this.#state]}`);
    }
    this.#state = state;
    this.#host.connectionChanged(state);
  }

  #after(name, milliseconds, action) {
    clearTimeout(this.#timers[name]);
    this.#timers[name] = setTimeout(action, milliseconds);
  }

  /** Lets go of the socket, if there is one; its late events are then of no concern. */
  #leave() {
    this.#turn += 1;
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#settled();
  }

  #restart() {
    if (this.#state === State.IDLE) return;
    this.#host.startedAnew();
    this.#reconnect();
  }

  #reconnect() {
    this.#leave();
    if (this.#state !== State.WAITING && this.#state !== State.REFUSED) this.#go(State.WAITING);
    this.#connect();
  }

  #connect() {
    clearTimeout(this.#timers.retry);
    this.#go(State.CONNECTING);
    const turn = ++this.#turn;
    const open = () => new Promise((settled) => this.#open(turn, settled));
    // Without a session the gateway makes one: one tab at a time, or each would get a conversation of its own.
    if (this.#storage.get("session") || !navigator.locks) open();
    else navigator.locks.request(`shopdesk ${this.#url}`, open);
  }

  async #open(turn, settled) {
    const identity = this.#leaving ? null : await this.#host.identity();
    if (turn !== this.#turn) return settled();
    this.#settled = settled;
    const session = (this.#session = this.#storage.get("session"));
    let socket;
    try {
      socket = this.#socket = new WebSocket(this.#url);
    } catch {
      // An http gateway on an https page: no later try can succeed.
      settled();
      return this.#go(State.REFUSED);
    }
    this.#after("welcome", WELCOME_WITHIN, () => this.#lost(socket, 0));
    socket.onopen = () => {
      if (socket !== this.#socket) return;
      this.#go(State.GREETING);
      this.#transmit({
        type: "hello",
        protocol: 1,
        session,
        identity,
        last_seq: session ? this.#host.lastSeq : 0,
        language: this.#host.language,
      });
    };
    socket.onmessage = ({ data }) => socket === this.#socket && this.#receive(JSON.parse(data));
    socket.onclose = ({ code }) => this.#lost(socket, code);
  }

  /** @param {ClientFrame} frame */
  #transmit(frame) {
    this.#socket.send(JSON.stringify(frame));
  }

  /** @param {ServerFrame} frame */
  #receive(frame) {
    clearTimeout(this.#timers.pong);
    this.#after("ping", PING_EVERY, () => this.#ping());
    if (frame.type === "welcome") return this.#welcomed(frame);
    if (frame.type === "ack") this.#learnTime(frame);
    this.#outbox.confirm(frame);
    if (frame.type === "error") this.#failed(frame);
    this.#host.frameCame(frame);
  }

  /** @param {Welcome} frame */
  #welcomed(frame) {
    clearTimeout(this.#timers.welcome);
    this.#storage.set("session", (this.#session = frame.session));
    if (this.#leaving) return this.#transmit({ type: "logout" });
    if (!frame.resumed) {
      this.#host.startedAnew();
      this.#storage.set("conversation", uuid());
    }
    this.#settled();
    this.#outbox.confirm(frame);
    // A gateway that restarts in a loop must not be met with full speed each time.
    this.#after("steady", STEADY_AFTER, () => (this.#losses = 0));
    this.#go(State.READY);
    this.#host.frameCame(frame);
    this.#flush();
  }

  /**
   * How far the customer's clock is off: only from an ack that cannot be of an earlier attempt.
   * @param {Ack} frame
   */
  #learnTime({ id, message }) {
    const item = this.#outbox.get(id);
    if (item?.fresh && item.sends === 1) this.#host.skewed(Date.parse(message.at) - Date.now());
  }

  /** @param {ErrorFrame} frame */
  #failed({ code, text }) {
    // Without a name the connection goes on; but the shop may have a fresh proof.
    if (code === "bad_identity" && this.#host.identityRefused(text)) this.#reconnect();
    else if (code === "unsupported_protocol") {
      this.#leave();
      this.#go(State.REFUSED);
    }
  }

  #flush() {
    if (this.#state !== State.READY || this.#leaving) return;
    const now = performance.now();
    for (const item of this.#outbox.waiting()) {
      if (item.socket === this.#socket) {
        if (now - item.sent < ACK_WITHIN) continue;
        if (item.tries >= TRIES) {
          this.#outbox.fail(item.key);
          this.#host.outboxChanged();
          continue;
        }
      }
      this.#outbox.sending(item, this.#socket, now);
      this.#transmit(item.frame);
    }
    if (this.#outbox.waiting().length) this.#after("flush", ACK_WITHIN + 50, () => this.#flush());
  }

  #ping() {
    const socket = this.#socket;
    this.#transmit({ type: "ping" });
    this.#after("pong", PONG_WITHIN, () => this.#lost(socket, 0));
  }

  #lost(socket, code) {
    if (socket !== this.#socket) return;
    if (code === BAD_FRAME) {
      // What was on its way is what the gateway refused; sending it again would end the same way. An address that is
      // none is the likeliest.
      const sent = this.#outbox.waiting().filter((item) => item.socket === socket);
      const contact = sent.find(({ frame }) => frame.type === "contact");
      if (contact) this.#outbox.refuse(contact.key);
      else for (const item of sent) this.#outbox.fail(item.key);
    }
    this.#leave();
    if (code === ORIGIN_REFUSED) return this.#go(State.REFUSED);
    this.#go(State.WAITING);
    this.#losses += 1;
    const newest = this.#storage.get("session");
    // Another tab may have a newer token of this conversation: the customer has signed in there.
    if (code === BAD_SESSION && (!newest || newest === this.#session)) {
      this.#storage.remove("session");
      this.#storage.remove("logout");
      this.#host.startedAnew();
      // A returning visitor who has not opened the chat needs no new conversation yet.
      if (!this.#host.wanted) return this.stop();
    }
    this.#after("retry", this.#wait(code), () => this.#connect());
  }

  /** Doubling, and never the same for two customers: all of them come back at once after a restart. */
  #wait(code) {
    const limit = this.#host.wanted ? LONGEST_WAIT_IF_WANTED : LONGEST_WAIT;
    const wait = code === TOO_MANY ? LONGEST_WAIT : Math.min(limit, 500 * 2 ** this.#losses);
    return wait * (0.5 + Math.random() / 2);
  }
}
