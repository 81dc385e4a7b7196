/** What the gateway has not confirmed yet: messages until their ack, all else until it is echoed. */

/*
 * An item is {key, frame, at, state}, and what else is to be shown of it: files. Key: the client's id, of messages and
 * contact requests; "rating <message id>", "survey" and "end", so that a later one replaces the earlier. State: waiting,
 * failed (may be tried again) or refused (never taken as it is). Fresh: written since the page was loaded.
 */
/** @import { ClientFrame, ServerFrame, ErrorFrame } from "../protocol" */

export class Outbox {
  #storage;
  #items = new Map();
  #latest = 0;
  #surveys = { socket: null, sent: 0 };

  constructor(storage) {
    this.#storage = storage;
    // One storage key an item: two tabs that write at once cannot overwrite each other's.
    const saved = storage.keys("out ").map((name) => ({ key: name.slice(4), ...storage.get(name) }));
    for (const item of saved.sort((one, other) => one.at - other.at)) {
      if (item.frame) this.#items.set(item.key, { ...item, state: "waiting" });
    }
  }

  /**
   * @param {string} key
   * @param {ClientFrame} frame
   */
  put(key, frame, shown = {}) {
    // Strictly growing, so that two messages of one millisecond keep their order over a reload.
    const at = (this.#latest = Math.max(Date.now(), this.#latest + 1));
    this.#items.delete(key);
    this.#items.set(key, { ...shown, key, frame, at, state: "waiting", fresh: true });
    this.#storage.set(`out ${key}`, { ...shown, frame, at });
  }

  /** Notes that an item goes out on this socket now. */
  sending(item, socket, now) {
    const tries = item.socket === socket ? item.tries : 0;
    Object.assign(item, { socket, sent: now, tries: tries + 1, sends: (item.sends ?? 0) + 1 });
    if (item.frame.type !== "survey") return;
    if (this.#surveys.socket !== socket) this.#surveys = { socket, sent: 0 };
    this.#surveys.sent += 1;
  }

  /**
   * Settles what this frame of the gateway confirms or refuses.
   * @param {ServerFrame} frame
   */
  confirm(frame) {
    switch (frame.type) {
      case "welcome":
        // Our own messages, come back numbered: their acks may have been lost with the socket.
        for (const { client_id } of frame.messages) this.settle(client_id);
        if (frame.status === "closed") this.settle("end");
        break;
      case "ack":
      case "contacted":
        this.settle(frame.id);
        break;
      case "message":
        this.settle(frame.message.client_id);
        break;
      case "status":
        if (frame.status === "closed") this.settle("end");
        break;
      case "rated": {
        // A rating changed meanwhile is still on its way: only the latest one's echo settles it.
        const { value, comment } = this.#items.get(`rating ${frame.message}`)?.frame ?? {};
        if (value === frame.value && comment === frame.comment) this.settle(`rating ${frame.message}`);
        break;
      }
      case "surveyed":
        // The same; but its echo does not say the comment, so that they are counted.
        this.#surveys.sent -= 1;
        if (this.#surveys.sent <= 0 && this.get("survey")?.frame.score === frame.score) this.settle("survey");
        break;
      case "error":
        this.#refused(frame);
    }
  }

  /** @param {ErrorFrame} frame */
  #refused({ code, id }) {
    if (["message_too_long", "message_empty", "unknown_file"].includes(code)) this.refuse(id);
    // Its id is of a rating, which carries none of its own.
    else if (code === "unknown_message") this.#drop("rating");
    else if (code === "nothing_yet") this.#drop("end", "survey");
  }

  #drop(...types) {
    for (const { key, frame } of this.waiting()) if (types.includes(frame.type)) this.settle(key);
  }

  settle(key) {
    if (this.#items.delete(key)) this.#storage.remove(`out ${key}`);
  }

  /** It stays in view and in storage: the customer may try again, and a reload does. */
  fail(key) {
    const item = this.#items.get(key);
    if (item) item.state = "failed";
  }

  /** It stays in view, but is never sent again. */
  refuse(key) {
    const item = this.#items.get(key);
    if (item) item.state = "refused";
    this.#storage.remove(`out ${key}`);
  }

  retry(key) {
    const item = this.#items.get(key);
    if (item) Object.assign(item, { state: "waiting", tries: 0, socket: null });
  }

  /** The next customer at this browser must not send what the last one wrote. */
  clear() {
    this.#items.clear();
    for (const name of this.#storage.keys("out ")) this.#storage.remove(name);
  }

  get size() {
    return this.#items.size;
  }

  get(key) {
    return this.#items.get(key);
  }

  has(key) {
    return this.#items.has(key);
  }

  waiting() {
    return [...this.#items.values()].filter((item) => item.state === "waiting");
  }

  messages() {
    return [...this.#items.values()].filter((item) => item.frame.type === "message");
  }
}
