/** How a conversation ends: by the customer or by a person, and what the customer says of it then. */

/** @import { Welcome } from "../protocol" */

export class Closing {
  #storage;
  #outbox;
  #send;
  #continued = false;

  /** `send(key, frame)` sends until it is confirmed. */
  constructor({ storage, outbox, send }) {
    this.#storage = storage;
    this.#outbox = outbox;
    this.#send = send;
  }

  /**
   * Whether the conversation is closed, or will be as soon as the gateway hears of it.
   * @param {Welcome["status"]} status
   */
  closed(status) {
    return status === "closed" || this.#outbox.has("end");
  }

  /**
   * Whether the end is what is shown: not where the customer wants to write on.
   * @param {Welcome["status"]} status
   */
  ended(status) {
    return this.closed(status) && !this.#continued;
  }

  /** What was said of it, in this browser or else on another device; `done`: nothing more is to be asked. */
  get survey() {
    const score = this.#storage.get("surveyed") ?? 0;
    return this.#storage.get("survey") ?? { score, done: score > 0 };
  }

  end() {
    this.#continued = false;
    this.#send("end", { type: "end" });
  }

  /** The customer writes on; the gateway reopens it with the next message. */
  continue() {
    this.#continued = true;
  }

  /** `comment` is null until the customer was asked for one, and "" when there is none. */
  rate(score, comment) {
    this.#storage.set("survey", { score, done: comment !== null });
    if (comment !== "") this.#send("survey", { type: "survey", score, comment });
  }

  /**
   * The gateway has a score. Kept apart from what this browser says: a tab may hear of it here before it hears what
   * another tab stored, and must not end the question there, where a comment is being written.
   */
  rated(score) {
    this.#storage.set("surveyed", score);
  }

  /**
   * Somebody else has the conversation now: the next end is another one.
   * @param {Welcome["status"]} status
   */
  became(status) {
    this.#continued = false;
    if (status === "closed") return;
    this.#storage.remove("survey");
    this.#storage.remove("surveyed");
  }
}
