/** What the widget itself says, in the language of the page. A further language is one JSON file and its name here. */

const LANGUAGES = ["en", "zh"];

/** The first of the wishes ("zh-CN", "en", …) that there are texts for. */
export function chooseLanguage(...wishes) {
  const languages = wishes.map((wish) => wish?.toLowerCase().split(/[-_]/)[0]);
  return languages.find((language) => LANGUAGES.includes(language)) ?? LANGUAGES[0];
}

export async function loadTexts(language) {
  const texts = await (await fetch(new URL(`texts/${language}.json`, import.meta.url))).json();
  return (key, values = {}) => texts[key]?.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** How the customer's own browser writes times, if it speaks the language: 14:05 or 2:05 pm. */
export const localeOf = (language) => navigator.languages.find((tag) => tag.startsWith(language)) ?? language;

const DAY = 86_400_000;

export function time(at, locale) {
  return new Intl.DateTimeFormat(locale, { timeStyle: "short" }).format(at);
}

export function day(at, locale) {
  const midnight = (date) => new Date(date).setHours(0, 0, 0, 0);
  const ago = Math.round((midnight(Date.now()) - midnight(at)) / DAY);
  if (ago >= 0 && ago < 2) {
    const word = new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(-ago, "day");
    return word[0].toUpperCase() + word.slice(1);
  }
  return new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" }).format(at);
}
