/** What the gateway has not confirmed yet: messages until their ack, ratings until they are echoed. */

/*
 * An item is {key, frame, at, state}. Key: the client's message id, or "rating <message id>", so that a later rating
 * replaces the earlier. State: waiting, failed (may be tried again) or refused (never taken as it is).
 */
export class Outbox {
  #storage;
  #items = new Map();
  #latest = 0;

  constructor(storage) {
    this.#storage = storage;
    // One storage key an item: two tabs that write at once cannot overwrite each other's.
    const saved = storage.keys("out ").map((name) => ({ key: name.slice(4), ...storage.get(name) }));
    for (const item of saved.sort((one, other) => one.at - other.at)) {
      if (item.frame) this.#items.set(item.key, { ...item, state: "waiting" });
    }
  }

  put(key, frame) {
    // Strictly growing, so that two messages of one millisecond keep their order over a reload.
    const at = (this.#latest = Math.max(Date.now(), this.#latest + 1));
    this.#items.delete(key);
    this.#items.set(key, { key, frame, at, state: "waiting" });
    this.#storage.set(`out ${key}`, { frame, at });
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

  get size() {
    return this.#items.size;
  }

  get(key) {
    return this.#items.get(key);
  }

  waiting() {
    return [...this.#items.values()].filter((item) => item.state === "waiting");
  }

  messages() {
    return [...this.#items.values()].filter((item) => item.frame.type === "message");
  }
}
