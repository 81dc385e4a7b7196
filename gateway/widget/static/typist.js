/** Tells that the customer is writing, and soon after the last key that it is so no longer. */

const IDLE_AFTER = 5_000;

export class Typist {
  #tell;
  #on = false;
  #timer;

  /** `tell(on)` is called at each change only, not at each key; it returns whether that could be told. */
  constructor(tell) {
    this.#tell = tell;
  }

  wrote() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.stop(), IDLE_AFTER);
    if (!this.#on) this.#on = this.#tell(true);
  }

  stop() {
    clearTimeout(this.#timer);
    if (this.#on) this.#tell(false);
    this.#on = false;
  }

  /** Nobody is there who could be told. */
  reset() {
    clearTimeout(this.#timer);
    this.#on = false;
  }
}
