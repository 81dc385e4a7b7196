/**
 * The languages that there are texts for, each in texts/LANGUAGE.json. The gateway serves the list as the folder is; only
 * where another web server serves these files is a new language also named here.
 */
export const LANGUAGES = ["en", "zh"];
