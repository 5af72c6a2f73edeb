// @ts-check
// Parts of a whole in one bar, and lists of bars: HTML, since they are words with lengths. Read as lists without a picture.

import d3 from "../d3.js";
import { count, percent, shareOf } from "../numbers.js";
import { child, children, hollow, write } from "./drawing.js";

/** @typedef {{key: string, name: string, value: number | null, text?: string, note?: string}} Part */

/** @param {any} bar @param {number | null} share */
const lengthen = (bar, share) => bar.style("inline-size", `${Math.max(0, Math.min(1, share ?? 0)) * 100}%`);

/**
 * One bar, its parts beside each other; what is not known has no part. @param {any} place @param {Part[]} parts @param {number | null} total
 * @param {import("./drawing.js").Context} context @param {boolean} [bare] without the list under it
 */
export function drawParts(place, parts, total, context, bare = false) {
  if (hollow(place, !total && !bare, context)) {
    place.selectAll(".stack, .parts").remove();
    return;
  }
  const stack = child(place, "div", "stack").attr("aria-hidden", "true");
  children(stack, "span", "part", parts, (part) => part.key).attr("data-part", (/** @type {Part} */ part) => part.key)
    .each(/** @this {Element} */ function (/** @type {Part} */ part) {
      lengthen(d3.select(this), shareOf(part.value, total));
    });
  if (bare) return;
  const items = children(child(place, "ul", "parts").attr("role", "list"), "li", "item", parts, (part) => part.key);
  items.each(/** @this {Element} */ function (/** @type {Part} */ part) {
    const item = d3.select(this);
    child(item, "span", "swatch").attr("data-part", part.key).attr("aria-hidden", "true");
    write(child(item, "span", "name"), () => part.name);
    write(child(item, "span", "number"), () => part.text ?? count(part.value, context.language));
    write(child(item, "span", "share"), () => (part.value == null ? "" : percent(shareOf(part.value, total), context.language)));
  });
}

/** Bars under each other, the longest first. @param {any} place @param {Part[]} rows @param {import("./drawing.js").Context} context */
export function drawBars(place, rows, context) {
  const sorted = [...rows].sort((a, b) => (b.value ?? -1) - (a.value ?? -1));
  const most = sorted[0]?.value || 1;
  hollow(place, rows.length === 0, context);
  const items = children(child(place, "ul", "bars").attr("role", "list"), "li", "item", sorted, (row) => row.key);
  items.each(/** @this {Element} */ function (/** @type {Part} */ row) {
    const item = d3.select(this);
    write(child(item, "bdi", "name"), () => row.name);
    write(child(item, "span", "number"), () => row.text ?? count(row.value, context.language));
    const track = child(item, "span", "track").attr("aria-hidden", "true");
    lengthen(child(track, "span", "fill"), shareOf(row.value, most));
    write(children(item, "span", "note", row.note ? [row.note] : [], () => ""), (note) => note);
  });
}
