/** The conversation as the gateway numbers it: by `seq`, each message once, gaps known. */

/** @import { HistoryPage, MessageView, Welcome } from "../protocol" */

export class Transcript {
  /** @type {Map<number, MessageView>} */
  #messages = new Map();
  /** The last number up to which nothing is missing: where a resumed connection goes on from. */
  lastSeq = 0;
  /** Whether the gateway has older messages than the first one here. */
  earlier = false;

  /** @param {MessageView} message */
  add(message) {
    if (this.#messages.has(message.seq)) return false;
    this.#messages.set(message.seq, message);
    while (this.#messages.has(this.lastSeq + 1)) this.lastSeq += 1;
    return true;
  }

  /**
   * What a welcome gives: it goes on from here, or, when more was missed than is given at once, begins anew.
   * @param {Welcome} frame
   */
  welcome({ messages, earlier }) {
    const [first] = messages;
    if (first && (!this.#messages.size || first.seq > this.lastSeq + 1)) {
      this.#messages.clear();
      this.lastSeq = first.seq - 1;
      this.earlier = earlier;
    }
    const added = messages.filter((message) => this.add(message));
    // There is nothing more to ask for: what is missing now does not exist.
    this.lastSeq = Math.max(this.lastSeq, ...this.#messages.keys());
    return added;
  }

  /**
   * An earlier page, if it is the one that comes before the first message here.
   * @param {HistoryPage} frame
   */
  prepend({ before, messages, earlier }) {
    if (before !== this.first?.seq) return;
    for (const message of messages) this.add(message);
    this.earlier = earlier;
  }

  get list() {
    return [...this.#messages.values()].sort((one, other) => one.seq - other.seq);
  }

  get first() {
    return this.#messages.get(Math.min(...this.#messages.keys()));
  }

  get last() {
    return this.#messages.get(Math.max(0, ...this.#messages.keys()));
  }

  /** What the newest message offers, if it is still the customer's turn. */
  get quickReplies() {
    const last = this.last;
    return !last || last.author === "customer" ? [] : (last.quick_replies ?? []);
  }

  /** @param {number} read */
  unreadAfter(read) {
    return this.list.filter(({ seq, author }) => seq > read && author !== "customer").length;
  }

  get hasGap() {
    return this.#messages.size > 0 && Math.max(...this.#messages.keys()) > this.lastSeq;
  }

  rate(id, value) {
    for (const message of this.#messages.values()) if (message.id === id) message.rating = value;
  }

  clear() {
    this.#messages.clear();
    this.lastSeq = 0;
    this.earlier = false;
  }
}
