/**
 * What the shop may set: in <script type="application/json" id="shopdesk-config">, or by shopdesk.configure({...}).
 * An attribute of <shopdesk-chat> goes before both.
 */

const KINDS = {
  language: "text",
  shopName: "text",
  scheme: "text",
  server: "text",
  titleBadge: "true or false",
  texts: "{language: {key: text}}",
  greetings: "a list",
};

const ARE = {
  text: (value) => typeof value === "string",
  "true or false": (value) => typeof value === "boolean",
  "{language: {key: text}}": (value) => isObject(value) && Object.values(value).every(isObject),
  "a list": Array.isArray,
};

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** The options, if they are ones. Raises TypeError that says which is not, and what was expected. */
export function checked(options) {
  require(isObject(options), "the configuration", options, "an object");
  for (const [name, value] of Object.entries(options)) {
    require(Object.hasOwn(KINDS, name), "the option", name, `one of ${Object.keys(KINDS).join(", ")}`);
    require(ARE[KINDS[name]](value), name, value, KINDS[name]);
  }
  options.greetings?.forEach(checkGreeting);
  return options;
}

function checkGreeting(greeting, at) {
  const name = `greetings[${at}]`;
  require(isObject(greeting), name, greeting, 'an object, as {match: "/tents*", text: "..."}');
  const { match, text, after = 0, once = "visit" } = greeting;
  require(typeof match === "string" && match.startsWith("/"), `${name}.match`, match, 'a path, as "/tents*"');
  const texts = isObject(text) ? Object.values(text) : [text];
  require(
    texts.length && texts.every((one) => typeof one === "string" && one.trim()),
    `${name}.text`,
    text,
    "a text, or {language: text}",
  );
  require(Number.isFinite(after) && after >= 0, `${name}.after`, after, "seconds, 0 or more");
  require(once === "visit" || once === "ever", `${name}.once`, once, '"visit" or "ever"');
}

function require(right, name, found, expected) {
  if (!right) throw new TypeError(`shopdesk: ${name} is ${JSON.stringify(found)}, expected ${expected}`);
}

/** What the page's own JSON says. A mistake in it costs the options, not the chat. */
export function pageConfig() {
  const script = document.querySelector('script[type="application/json"]#shopdesk-config');
  if (!script) return {};
  try {
    return checked(JSON.parse(script.textContent));
  } catch (error) {
    console.error(`shopdesk: <script id="shopdesk-config"> is not used. ${error.message}`);
    return {};
  }
}

/** The text for a language, of a text or {language: text}. */
export function inLanguage(text, language) {
  return typeof text === "string" ? text : (text[language] ?? text.en ?? Object.values(text)[0]);
}
