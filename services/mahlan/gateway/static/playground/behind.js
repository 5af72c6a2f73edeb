// @ts-check
// "What happened behind": one check's answer as people and engineers read it. Text only ever becomes text nodes.

import { requests } from "./requests.js";
import { word } from "./words.js";

/** @param {string} tag @param {Record<string, string>} [attributes] @param {(Node | string | null | false)[]} children */
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(.../** @type {(Node | string)[]} */ (children.filter(Boolean)));
  return node;
}

const STAGES = ["queue", "normalise", "score", "decide", "record"];

/** The word of a row, where there is such a row. @param {string} key @param {string} language */
function known(key, language) {
  const found = word(key, language);
  return found === key ? null : found;
}

/** A language's name in a language. @param {string} tag @param {string} language */
export const named = (tag, language) => known(`lang.${tag.startsWith("mixed") ? "mixed" : tag}`, language) ?? tag;

/** @param {string} text @param {number[][]} spans */
function marked(text, spans) {
  const parts = [];
  let at = 0;
  for (const [start, end] of spans) {
    parts.push(text.slice(at, start), make("mark", {}, text.slice(start, end)));
    at = end;
  }
  return [...parts, text.slice(at)];
}

/** A length that shows a share, 0 to 1. @param {number} share @param {string} name */
function bar(share, name) {
  const node = make("span", { class: name });
  node.style.inlineSize = `${Math.max(0, Math.min(1, share)) * 100}%`;
  return node;
}

/** @param {number} value */
const short = (value) => value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 });

/**
 * The panel's content.
 * @param {{text: string, answer: any, milliseconds: number}} check
 * @param {{language: string, origin: string, keyed: boolean, body: Record<string, unknown>, outcomes: string[], another: () => void}} around
 */
export function describe(check, { language, origin, keyed, body, outcomes, another }) {
  const say = (/** @type {string} */ key) => word(key, language);
  const { answer, text } = check;
  const explain = answer.explain ?? {};
  const section = (/** @type {string} */ key, /** @type {(Node | string | null | false)[]} */ ...children) => make("section", {}, make("h3", {}, say(key)), ...children);
  const readings = explain.readings ?? [];
  const parts = [
    make("p", { class: `verdict ${answer.decision}` },
      make("strong", {}, say(answer.decision)), make("span", {}, say(`reason.${answer.reason}`)),
      make("code", { dir: "ltr" }, `${answer.decision} · ${answer.reason}`)),
    answer.decision === "holdout" && button(say("another"), another),
    outcomes.length > 0 && make("p", { class: "steps" }, ...outcomes.map((outcome) => make("span", { class: `tag ${outcome}` }, say(outcome)))),
    facts({
      language: [named(answer.language, language), answer.language],
      letters: [known(`letters.${answer.script}`, language) ?? answer.script, answer.script],
      model: [answer.model],
      band: [known(`band.${answer.band}`, language) ?? answer.band, answer.band],
    }, say),
    readings.length > 1 && section("readings", make("dl", { class: "readings" }, ...readings.flatMap((/** @type {any} */ reading) => [
      make("dt", {}, say(reading.kind)), make("dd", { dir: "auto" }, reading.text),
    ]))),
    answer.spans.length > 0 && section("words", make("p", { class: "words", dir: "auto" }, ...marked(text, answer.spans))),
    explain.signals?.length > 0 && section("signals", make("p", {}, ...explain.signals.map((/** @type {string} */ name) => make("code", { class: "tag", dir: "ltr" }, name)))),
    section("labels", labels(answer), make("p", { class: "quiet" }, say("labels_note"))),
    explain.milliseconds && section("time", times(explain.milliseconds, check.milliseconds, say)),
    section("requests", snippets(requests(origin, body, keyed), say)),
    make("details", {}, make("summary", {}, say("answer")), code(JSON.stringify(answer, null, 2))),
  ];
  return /** @type {Node[]} */ (parts.filter(Boolean));
}

/** @param {Record<string, string[]>} given @param {(key: string) => string} say */
function facts(given, say) {
  return make("dl", { class: "facts" }, ...Object.entries(given).map(([key, [value, note]]) =>
    make("div", {}, make("dt", {}, say(key)), make("dd", {}, make("bdi", {}, value), note && note !== value ? make("code", { dir: "ltr" }, note) : ""))));
}

/** @param {any} answer */
function labels(answer) {
  const sorted = Object.entries(answer.labels).sort((a, b) => b[1] - a[1]);
  return make("ul", { class: "labels" }, ...sorted.map(([name, score]) =>
    make("li", { class: name === answer.label ? "chief" : "" },
      make("code", {}, name), make("span", { class: "track", "aria-hidden": "true" }, bar(score, "fill")), make("span", { class: "number" }, score.toFixed(3)))));
}

/** @param {Record<string, number>} spent @param {number} trip @param {(key: string) => string} say */
function times(spent, trip, say) {
  const whole = STAGES.reduce((sum, stage) => sum + (spent[stage] ?? 0), 0) || 1;
  const line = (/** @type {string} */ key, /** @type {number} */ value) =>
    make("li", { class: key }, make("i", { "aria-hidden": "true" }), make("span", {}, say(key)), make("span", { class: "number" }, `${short(value)} ${say("ms")}`));
  return make("div", {},
    make("p", { class: "stages", "aria-hidden": "true" }, ...STAGES.map((stage) => bar((spent[stage] ?? 0) / whole, stage))),
    make("ul", { class: "times" }, ...STAGES.map((stage) => line(stage, spent[stage] ?? 0)), line("trip", trip)));
}

/** @param {Record<string, string>} given @param {(key: string) => string} say */
function snippets(given, say) {
  return make("div", { class: "snippets" }, ...Object.entries(given).map(([name, text], index) => {
    const copy = button(say("copy"), async () => {
      await navigator.clipboard?.writeText(text);
      copy.textContent = say("copied");
    });
    copy.setAttribute("aria-label", `${say("copy")}: ${name}`);
    const node = make("details", { name: "snippet", ...(index === 0 && { open: "" }) }, make("summary", { dir: "ltr" }, name), copy, code(text));
    return node;
  }));
}

/** @param {string} text */
function code(text) {
  return make("pre", { dir: "ltr", tabindex: "0" }, make("code", {}, text));
}

/** @param {string} text @param {() => void} act */
function button(text, act) {
  const node = make("button", { type: "button" }, text);
  node.addEventListener("click", act);
  return node;
}
