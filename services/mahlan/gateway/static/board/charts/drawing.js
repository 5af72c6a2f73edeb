// @ts-check
// What every chart needs: what is drawn twice changes in place, and only where it differs. Nothing flickers, and focus,
// scroll and open tables stay as they are. Text only ever becomes text nodes.

import d3 from "../d3.js";
import { NOTHING, count } from "../numbers.js";

/**
 * What a chart is drawn with: the language, its direction, the words, the campaign's time zone, and below which count
 * nothing is shown (0: everything is).
 * @typedef {{language: string, rtl: boolean, say: (key: string, values?: Record<string, string>) => string, zone: string, least: number}} Context
 */

/** Text where it differs. @param {any} selection @param {(row: any) => string} text */
export function write(selection, text) {
  selection.each(/** @this {Element} */ function (/** @type {any} */ row) {
    const wanted = text(row);
    if (this.textContent !== wanted) this.textContent = wanted;
  });
  return selection;
}

/** A count as text; where there is none, whether it is hidden or not known. @param {number | null | undefined} value @param {Context} context */
export const counted = (value, { language, least, say }) => (value != null ? count(value, language) : least ? say("not_shown") : NOTHING);

/** Children of a kind by key, in the order of the rows. @param {any} parent @param {string} tag @param {string} name class @param {any[]} rows @param {(row: any, index: number) => string} key */
export const children = (parent, tag, name, rows, key) =>
  parent.selectAll(/** @this {Element} */ function () {
    return [...this.children].filter((child) => child.classList.contains(name));
  }).data(rows, key).join((/** @type {any} */ enter) => enter.append(tag).attr("class", name)).order();

/** The one child of a kind. @param {any} parent @param {string} tag @param {string} name class */
export const child = (parent, tag, name) => children(parent, tag, name, [0], () => "");

/** Half of an A4 page, which is what a chart has on paper: drawn wider, its letters would become too small. */
const PAPER = 340;

/** An SVG as wide as its place. Its summary is what a screen reader says of it. @param {any} place @param {number} height @param {string} summary */
export function canvas(place, height, summary) {
  const width = document.body.classList.contains("paper") ? PAPER : Math.max(240, Math.floor(place.node().clientWidth));
  const svg = child(place, "svg:svg", "chart");
  // Its own direction is left to right, so that "start" and "end" of labels mean what they say; words keep theirs.
  svg.attr("role", "img").attr("direction", "ltr").attr("viewBox", `0 0 ${width} ${height}`).attr("height", height).attr("aria-label", summary);
  return { svg, width, height };
}

/** "Nothing here yet" in the place of a chart; where small counts are hidden, that there are few at most. @param {any} place @param {boolean} nothing @param {Context} context */
export function hollow(place, nothing, context) {
  write(children(place, "p", "quiet", nothing ? [0] : [], () => ""), () => (context.least ? context.say("fewer", { least: count(context.least, context.language) }) : context.say("nothing")));
  return nothing;
}

/**
 * A table behind a chart: what it shows, for whoever cannot or will not see it. Cells are text.
 * @param {any} details @param {string} title @param {string[]} head @param {string[][]} rows @param {Context} context
 */
export function tabulate(details, title, head, rows, context) {
  const summary = child(details, "summary", "summary");
  write(child(summary, "span", "word"), () => context.say("table"));
  write(child(summary, "span", "unseen"), () => `: ${title}`);
  const table = child(child(details, "div", "wide").attr("tabindex", 0).attr("role", "region").attr("aria-label", `${context.say("table")}: ${title}`), "table", "table");
  const top = child(child(table, "thead", "head"), "tr", "row");
  write(children(top, "th", "cell", head, (_, index) => String(index)).attr("scope", "col"), (text) => text);
  const lines = children(child(table, "tbody", "body"), "tr", "row", rows, (_, index) => String(index));
  lines.each(/** @this {Element} */ function (/** @type {string[]} */ row) {
    const line = d3.select(this);
    write(children(line, "th", "name", [row[0]], () => "").attr("scope", "row"), (text) => text);
    write(children(line, "td", "cell", row.slice(1), (_, index) => String(index)), (text) => text);
  });
}
