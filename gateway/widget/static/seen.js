/** Up to which message the customer has seen everything: in this tab, in another, on another device. */

export class Seen {
  #storage;
  #tell;
  #told = 0;

  /** `tell(frame)` returns whether the gateway could be told. */
  constructor(storage, tell) {
    this.#storage = storage;
    this.#tell = tell;
  }

  get seq() {
    return this.#storage.get("read") ?? 0;
  }

  /** The gateway says so. */
  heard(seq) {
    this.#told = Math.max(this.#told, seq);
    this.#raise(seq);
  }

  /** It is shown here. */
  shown(seq) {
    this.#raise(seq);
    if (seq > this.#told && this.#tell({ type: "seen", seq })) this.#told = seq;
  }

  forget() {
    this.#told = 0;
    this.#storage.remove("read");
  }

  #raise(seq) {
    if (seq > this.seq) this.#storage.set("read", seq);
  }
}
