/**
 * `window.shopdesk`: the chat for the page's own scripts. They need not wait for this one to be loaded:
 *
 *     (window.shopdesk ??= []).push((chat) => chat.identify(token));
 *
 * Before, that is a list, whose functions are called when the chat is there; after, `push` calls at once.
 */

const METHODS = ["open", "close", "write", "identify", "logout", "configure"];
const EVENTS = ["open", "close", "message", "rating", "survey", "contact", "handoff", "greeting", "error"];

export function offer(chat) {
  /** @type {any} */
  const api = Object.fromEntries(METHODS.map((name) => [name, (...values) => chat[name](...values)]));

  /** Calls back with each event's detail. Returns the way to stop. */
  api.on = (name, handler) => {
    if (!EVENTS.includes(name)) throw new TypeError(`shopdesk.on("${name}"): expected one of ${EVENTS.join(", ")}`);
    const listener = (/** @type {CustomEvent} */ { detail }) => handler(detail);
    chat.addEventListener(`shopdesk:${name}`, listener);
    return () => chat.removeEventListener(`shopdesk:${name}`, listener);
  };

  api.push = (...calls) => {
    for (const call of calls) {
      try {
        call(api);
      } catch (error) {
        // One script's mistake must not keep the others, or the chat, from working.
        console.error(error);
      }
    }
  };

  const waiting = Array.isArray(window.shopdesk) ? window.shopdesk : [];
  window.shopdesk = api;
  api.push(...waiting);
}
