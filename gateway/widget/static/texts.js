/** What the widget itself says, in the language of the page; what that does not hold is said in English. */

import { LANGUAGES } from "./languages.js";

const DEFAULT = "en";

/** The first of the wishes ("zh-CN", "en", ...) that there are texts for. */
export function chooseLanguage(...wishes) {
  const languages = wishes.map((wish) => wish?.toLowerCase().split(/[-_]/)[0]);
  return languages.find((language) => LANGUAGES.includes(language)) ?? DEFAULT;
}

/** A function that gives the texts by their keys. `own` are those that the shop has put in their place. */
export async function loadTexts(language, own = {}) {
  const [texts, fallback] = await Promise.all([language, DEFAULT].map(fetchTexts));
  // A gateway's word may become a key: none may find what every object has.
  const all = { __proto__: null, ...fallback, ...texts, ...own };
  return (key, values = {}) => all[key]?.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

const fetched = {};

async function fetchTexts(language) {
  fetched[language] ??= fetch(new URL(`texts/${language}.json`, import.meta.url)).then((response) => response.json());
  return fetched[language];
}

/** How the customer's own browser writes times, if it speaks the language: 14:05 or 2:05 pm. */
export const localeOf = (language) => navigator.languages.find((tag) => tag.startsWith(language)) ?? language;

const DAY = 86_400_000;

export function time(at, locale) {
  return new Intl.DateTimeFormat(locale, { timeStyle: "short" }).format(at);
}

/** `now` in milliseconds; the gateway's, as `at` is. */
export function day(at, locale, now) {
  const midnight = (date) => new Date(date).setHours(0, 0, 0, 0);
  const ago = Math.round((midnight(now) - midnight(at)) / DAY);
  if (ago >= 0 && ago < 2) {
    const word = new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(-ago, "day");
    return word[0].toUpperCase() + word.slice(1);
  }
  return new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" }).format(at);
}
