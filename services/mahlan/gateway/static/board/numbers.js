// @ts-check
// Numbers, dates and times as people read them. Digits are Latin in all four languages: one number then reads the same
// in the two languages beside each other, in a report, in a terminal and in a spreadsheet that it is copied to.

const LOCALES = /** @type {Record<string, string>} */ ({ arz: "ar-EG-u-nu-latn", ar: "ar-EG-u-nu-latn", "arz-Latn": "en-GB", en: "en-GB" });
/** For what is not known: never 0. */
export const NOTHING = "—";

/** @type {Map<string, Intl.NumberFormat | Intl.DateTimeFormat>} Making one is slow. */
const made = new Map();

/** @template {Intl.NumberFormat | Intl.DateTimeFormat} F @param {new (locale: string, options: any) => F} kind @param {string} language @param {object} options */
function format(kind, language, options) {
  const name = `${kind.name} ${language} ${JSON.stringify(options)}`;
  const found = made.get(name) ?? new kind(LOCALES[language] ?? "en-GB", options);
  made.set(name, found);
  return /** @type {F} */ (found);
}

/** @param {number | null | undefined} value @param {string} language @param {number} [digits] after the point, at most */
export const count = (value, language, digits = 0) =>
  value == null ? NOTHING : format(Intl.NumberFormat, language, { maximumFractionDigits: digits }).format(value);

/** A sign must stay where it is: after Arabic letters it would go to the other side of its number (UAX #9, W2). @param {string} text @param {string} language */
const upright = (text, language) => (language === "arz" || language === "ar" ? `\u200e${text}\u200e` : text);

/** A share of 1 as a percentage. @param {number | null | undefined} share @param {string} language @param {number} [digits] */
export const percent = (share, language, digits = 1) => (share == null ? NOTHING : upright(`${count(share * 100, language, digits)}%`, language));

/** How many times something. @param {number | null | undefined} factor @param {string} language */
export const times = (factor, language) => (factor == null ? NOTHING : upright(`${count(factor, language, factor < 10 ? 1 : 0)}×`, language));

/** `part` of `whole` as a share; null where that says nothing. @param {number | null | undefined} part @param {number | null | undefined} whole */
export const shareOf = (part, whole) => (part == null || !whole ? null : part / whole);

/** A length of time in one unit, the largest that fits. @param {number | null | undefined} seconds @param {string} language */
export function duration(seconds, language) {
  if (seconds == null) return NOTHING;
  const [unit, size] = seconds < 90 ? ["second", 1] : seconds < 5400 ? ["minute", 60] : seconds < 129600 ? ["hour", 3600] : ["day", 86400];
  const value = Math.max(1, Math.round(seconds / Number(size)));
  const forms = UNITS[language]?.[unit];
  if (!forms) return format(Intl.NumberFormat, language, { style: "unit", unit, unitDisplay: "long" }).format(value);
  const [one, two, few, many, other] = forms;
  // Arabic counts 1, 2, 3 to 10, 11 to 99 and hundreds differently (CLDR's plural rules), in Latin letters too.
  const form = { zero: other, one, two, few, many, other }[new Intl.PluralRules("ar").select(value)];
  return value < 3 ? form : `${count(value, language)} ${form}`;
}

/** As they stand after a preposition: the browser's own are for the beginning of a sentence. @type {Record<string, Record<string, string[]>>} */
const UNITS = {
  arz: {
    second: ["ثانية", "ثانيتين", "ثواني", "ثانية", "ثانية"],
    minute: ["دقيقة", "دقيقتين", "دقايق", "دقيقة", "دقيقة"],
    hour: ["ساعة", "ساعتين", "ساعات", "ساعة", "ساعة"],
    day: ["يوم", "يومين", "أيام", "يوم", "يوم"],
  },
  ar: {
    second: ["ثانية", "ثانيتين", "ثوانٍ", "ثانيةً", "ثانية"],
    minute: ["دقيقة", "دقيقتين", "دقائق", "دقيقةً", "دقيقة"],
    hour: ["ساعة", "ساعتين", "ساعات", "ساعةً", "ساعة"],
    day: ["يوم", "يومين", "أيام", "يومًا", "يوم"],
  },
  "arz-Latn": {
    second: ["sanya", "sanyeten", "sawany", "sanya", "sanya"],
    minute: ["de2i2a", "de2i2ten", "da2aye2", "de2i2a", "de2i2a"],
    hour: ["sa3a", "sa3ten", "sa3at", "sa3a", "sa3a"],
    day: ["yom", "yomen", "ayyam", "yom", "yom"],
  },
};

/** A day of a campaign, told as `2026-11-29`. @param {string} day @param {string} language */
export const dayName = (day, language) =>
  format(Intl.DateTimeFormat, language, { day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));

/** @param {string} moment @param {string} language @param {string} timeZone */
export const dateName = (moment, language, timeZone) =>
  format(Intl.DateTimeFormat, language, { day: "numeric", month: "short", timeZone }).format(new Date(moment));

/** @param {string} moment @param {string} language @param {string} timeZone */
export const hourName = (moment, language, timeZone) =>
  format(Intl.DateTimeFormat, language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone }).format(new Date(moment));

/** @param {string} moment @param {string} language @param {string} timeZone */
export const momentName = (moment, language, timeZone) =>
  format(Intl.DateTimeFormat, language, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone }).format(new Date(moment));
