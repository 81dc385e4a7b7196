/** What the widget itself says, in the language of the page. A further language is one JSON file and its name here. */

const LANGUAGES = ["en", "zh"];

/** The first of the wishes ("zh-CN", "en", …) that there are texts for. */
export function chooseLanguage(...wishes) {
  const languages = wishes.map((wish) => wish?.toLowerCase().split(/[-_]/)[0]);
  return languages.find((language) => LANGUAGES.includes(language)) ?? LANGUAGES[0];
}

/** @returns {Promise<(key: string, values?: Record<string, unknown>) => string>} */
export async function loadTexts(language) {
  const texts = await (await fetch(new URL(`texts/${language}.json`, import.meta.url))).json();
  return (key, values = {}) => texts[key]?.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

const DAY = 86_400_000;

/** "14:05" */
export function time(at, language) {
  return new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" }).format(at);
}

/** "Today", "Yesterday", or the date */
export function day(at, language) {
  const midnight = (date) => new Date(date).setHours(0, 0, 0, 0);
  const ago = Math.round((midnight(Date.now()) - midnight(at)) / DAY);
  if (ago >= 0 && ago < 2) {
    const word = new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-ago, "day");
    return word[0].toUpperCase() + word.slice(1);
  }
  return new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" }).format(at);
}
