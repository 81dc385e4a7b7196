/** The conversation as the gateway numbers it: by `seq`, each message once, gaps known. */

export class Transcript {
  #messages = new Map();
  /** The last number up to which nothing is missing: where a resumed connection goes on from. */
  lastSeq = 0;

  add(message) {
    if (this.#messages.has(message.seq)) return false;
    this.#messages.set(message.seq, message);
    while (this.#messages.has(this.lastSeq + 1)) this.lastSeq += 1;
    return true;
  }

  get list() {
    return [...this.#messages.values()].sort((one, other) => one.seq - other.seq);
  }

  get last() {
    return this.#messages.get(Math.max(0, ...this.#messages.keys()));
  }

  get hasGap() {
    return this.#messages.size > 0 && Math.max(...this.#messages.keys()) > this.lastSeq;
  }

  /** After a welcome there is nothing more to ask for: what is missing now does not exist. */
  closeGaps() {
    this.lastSeq = Math.max(this.lastSeq, ...this.#messages.keys());
  }

  rate(id, value) {
    for (const message of this.#messages.values()) if (message.id === id) message.rating = value;
  }

  clear() {
    this.#messages.clear();
    this.lastSeq = 0;
  }
}
