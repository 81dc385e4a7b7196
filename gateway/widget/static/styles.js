/** The looks, fetched once for all chats of a page. */

const read = async (name) => (await fetch(new URL(name, import.meta.url))).text();

/** The gateway gives all in one; from any other server it is the names of the parts, which sheets cannot import. */
async function load() {
  const whole = await read("style.css");
  const names = [...whole.matchAll(/@import "(.+?)";/g)].map((found) => found[1]);
  const texts = names.length ? await Promise.all(names.map(read)) : [whole];
  return Promise.all(texts.map((text) => new CSSStyleSheet().replace(text)));
}

export const sheets = load();
