/** What outlives the page: browser storage under one prefix, or memory where the browser refuses it. */

export class Storage {
  #prefix;
  #area;
  #memory = new Map();

  /** The area is asked for late: asking throws where it is blocked. */
  constructor(server, area = () => localStorage) {
    this.#prefix = `shopdesk ${server} `;
    this.#area = area;
  }

  get(key) {
    try {
      return JSON.parse(this.#area().getItem(this.#prefix + key)) ?? this.#memory.get(key) ?? null;
    } catch {
      return this.#memory.get(key) ?? null;
    }
  }

  set(key, value) {
    try {
      this.#area().setItem(this.#prefix + key, JSON.stringify(value));
      this.#memory.delete(key);
    } catch {
      // Private mode, storage blocked or full: the chat then lasts as long as the page.
      this.#memory.set(key, value);
    }
  }

  remove(key) {
    this.#memory.delete(key);
    try {
      this.#area().removeItem(this.#prefix + key);
    } catch {
      // There was nothing to remove.
    }
  }

  /** Every key that begins with `start`, without the prefix. */
  keys(start) {
    const whole = this.#prefix + start;
    try {
      return Object.keys(this.#area())
        .filter((key) => key.startsWith(whole))
        .map((key) => key.slice(this.#prefix.length));
    } catch {
      return [];
    }
  }

  /**
   * Calls back when another tab changes `key`, with the text to which it was changed, null when it was removed; by then
   * it may have been changed again. Returns the way to stop.
   */
  watch(key, changed) {
    const listener = (event) => event.key === this.#prefix + key && changed(event.newValue);
    addEventListener("storage", listener);
    return () => removeEventListener("storage", listener);
  }
}

/** A random UUID, also on pages without https, where `crypto.randomUUID` is missing. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
