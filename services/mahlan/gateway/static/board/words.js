// @ts-check
// Every word of the board in its four languages: about the words people write and never about a person.

import { EVIDENCE } from "./words/evidence.js";
import { NAMES } from "./words/names.js";
import { PAGE } from "./words/page.js";

/** Columns of each row. */
export const LANGUAGES = /** @type {const} */ (["arz", "ar", "arz-Latn", "en"]);

/** @type {Record<string, [string, string, string, string]>} */
const ROWS = { ...PAGE, ...EVIDENCE, ...NAMES };

/** @param {string} language */
export const isRtl = (language) => language === "arz" || language === "ar";

/**
 * The word of a row in a language, its braces filled in; the key itself where there is no such row.
 * @param {string} key @param {string} language @param {Record<string, string>} [values]
 */
export function word(key, language, values = {}) {
  const row = ROWS[key];
  if (!row) return key;
  const text = row[Math.max(0, LANGUAGES.indexOf(/** @type {any} */ (language)))];
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** The name of what a code stands for (`lang`, `label`, `surface`, `arm`), or the code. @param {string} kind @param {string} code @param {string} language */
export function named(kind, code, language) {
  const key = `${kind}.${kind === "lang" && code.startsWith("mixed") ? "mixed" : code}`;
  return ROWS[key] ? word(key, language) : code;
}
