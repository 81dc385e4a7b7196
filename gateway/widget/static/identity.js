/** Who the shop says the customer is: a token that the shop's server signed, or a function that fetches one. */

const ANSWER_WITHIN = 5_000;
const FRESH = 30_000;

const late = () => new Promise((resolve) => setTimeout(resolve, ANSWER_WITHIN, null));

export class Identity {
  #source = null;
  #token;
  #refusedAt = -Infinity;

  /** Returns whether that is news. Raises TypeError for what can be no source. */
  set(source) {
    if (typeof source !== "string" && typeof source !== "function") {
      throw new TypeError(`shopdesk.identify(${source}): expected a token, or a function that gives one`);
    }
    if (source === this.#source) return false;
    this.forget();
    this.#source = source;
    return true;
  }

  forget() {
    this.#source = null;
    this.#token = undefined;
  }

  /** A token, or null: for nobody, and where the shop's function fails or is slow. The chat does not wait for it long. */
  async token() {
    const source = this.#source;
    if (typeof source !== "function") return source;
    if (this.#token === undefined) {
      const ask = Promise.resolve()
        .then(source)
        .catch((error) => console.error("shopdesk: the function given to identify failed:", error));
      const token = await Promise.race([ask, late()]);
      if (source !== this.#source) return this.token(); // somebody else meanwhile
      // A failure is no answer: it is asked again with the next connection.
      if (typeof token !== "string" || !token) return null;
      this.#token = token;
    }
    return this.#token;
  }

  /** The gateway refused the token. Returns whether another is worth a try: one from a function, unless it was just so. */
  refused(reason) {
    console.warn(`shopdesk: the gateway does not believe who the customer is: ${reason}`);
    const now = performance.now();
    const again = typeof this.#source === "function" && now - this.#refusedAt > FRESH;
    if (again) this.#token = undefined;
    else this.forget();
    this.#refusedAt = now;
    return again;
  }
}
