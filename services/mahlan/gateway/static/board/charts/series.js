// @ts-check
// Counts over time: bars for the first series, a line for the second. From right to left where people read so.

import d3 from "../d3.js";
import { count } from "../numbers.js";
import { canvas, child, children, counted, hollow, tabulate, write } from "./drawing.js";

const HEIGHT = 250;
const EDGE = { top: 14, bottom: 30, axis: 46, end: 8 };

/**
 * One period: `name` is short, for the axis, where only those with a `tick` have one, if any has; `long` is for the table. A
 * value is null where it is not shown or not known.
 * @typedef {{key: string, name: string, long: string, tick?: boolean, values: Record<string, number | null>}} Period
 */

/**
 * @param {any} figure with a `.place` and a `details` @param {{title: string, head: string, summary: string, rows: Period[], series: string[]}} told
 * @param {import("./drawing.js").Context} context
 */
export function drawSeries(figure, told, context) {
  const { rows, series } = told;
  const place = figure.select(".place");
  const nothing = hollow(place, rows.every((row) => series.every((name) => !row.values[name])), context);
  figure.select("details").attr("hidden", nothing ? "" : null);
  for (const name of ["ul.legend", "svg.chart", "p.readout"]) place.selectAll(name).attr("hidden", nothing ? "" : null);
  if (nothing) return;
  legend(place, series, rows, context);
  const { svg, width, height } = canvas(place, HEIGHT, told.summary);
  const scales = scale(rows, series, width, height, context.rtl);
  axes(svg, rows, scales, width, height, context);
  marks(svg, rows, series, scales);
  read(place, svg, rows, series, scales, height, context);
  tabulate(figure.select("details"), told.title, [told.head, ...series.map((name) => context.say(`series.${name}`))],
    rows.map((row) => [row.long, ...series.map((name) => counted(row.values[name], context))]), context);
}

/** @param {Period[]} rows @param {string[]} series @param {number} width @param {number} height @param {boolean} rtl */
function scale(rows, series, width, height, rtl) {
  const most = d3.max(rows, (/** @type {Period} */ row) => d3.max(series, (/** @type {string} */ name) => row.values[name])) || 1;
  const across = rtl ? [width - EDGE.axis, EDGE.end] : [EDGE.axis, width - EDGE.end];
  return {
    x: d3.scaleBand(rows.map(({ key }) => key), across).paddingInner(0.28).paddingOuter(0.14),
    // Whole numbers only: half a post is none.
    y: d3.scaleLinear([0, Math.max(most, 4)], [height - EDGE.bottom, EDGE.top]).nice(4),
  };
}

/** @param {any} svg @param {Period[]} rows @param {any} scales @param {number} width @param {number} height @param {import("./drawing.js").Context} context */
function axes(svg, rows, { x, y }, width, height, { rtl, language }) {
  const ticks = y.ticks(4).filter(Number.isInteger);
  const edge = rtl ? width - EDGE.axis : EDGE.axis;
  children(svg, "svg:line", "grid", ticks, String)
    .attr("x1", EDGE.end).attr("x2", width - EDGE.end).attr("y1", y).attr("y2", y)
    .attr("x1", rtl ? EDGE.end : edge).attr("x2", rtl ? edge : width - EDGE.end);
  write(children(svg, "svg:text", "tick", ticks, String).attr("x", rtl ? edge + 8 : edge - 8).attr("y", y).attr("dy", "0.32em")
    .attr("text-anchor", rtl ? "start" : "end"), (value) => count(value, language));
  // As many names as fit without touching each other, the newest among them.
  const able = rows.some((row) => row.tick) ? rows.filter((row) => row.tick) : rows;
  const every = Math.max(1, Math.ceil((64 * able.length) / (x.step() * rows.length)));
  const named = able.filter((_, index) => (able.length - 1 - index) % every === 0);
  write(children(svg, "svg:text", "period", named, (row) => row.key).attr("x", (/** @type {Period} */ row) => x(row.key) + x.bandwidth() / 2)
    .attr("y", height - 8).attr("text-anchor", "middle").attr("direction", rtl ? "rtl" : "ltr"), (row) => row.name);
}

/** @param {any} svg @param {Period[]} rows @param {string[]} series @param {any} scales */
function marks(svg, rows, [bars, line], { x, y }) {
  const base = y(0);
  const middle = (/** @type {Period} */ row) => x(row.key) + x.bandwidth() / 2;
  children(svg, "svg:rect", "column", rows.filter((row) => row.values[bars] != null), (row) => row.key)
    .attr("x", (/** @type {Period} */ row) => x(row.key)).attr("width", x.bandwidth()).attr("rx", Math.min(4, x.bandwidth() / 3))
    .attr("y", (/** @type {Period} */ row) => y(row.values[bars])).attr("height", (/** @type {Period} */ row) => base - y(row.values[bars]));
  children(svg, "svg:rect", "absent", rows.filter((row) => row.values[bars] == null), (row) => row.key)
    .attr("x", (/** @type {Period} */ row) => x(row.key)).attr("width", x.bandwidth()).attr("y", base - 9).attr("height", 8).attr("rx", 3);
  const path = d3.line((/** @type {Period} */ row) => middle(row), (/** @type {Period} */ row) => y(row.values[line]))
    .defined((/** @type {Period} */ row) => row.values[line] != null).curve(d3.curveMonotoneX);
  child(svg, "svg:path", "trend").attr("d", path(rows) ?? "");
  children(svg, "svg:circle", "dot", rows.filter((row) => row.values[line] != null && (rows.length <= 31 || row === rows.at(-1))), (row) => row.key)
    .attr("r", rows.length <= 31 ? 4 : 3).attr("cx", middle).attr("cy", (/** @type {Period} */ row) => y(row.values[line]));
}

/** What the pointer or finger is at, in words under the chart; the newest period otherwise. @param {any} place @param {any} svg @param {Period[]} rows @param {string[]} series @param {any} scales @param {number} height @param {import("./drawing.js").Context} context */
function read(place, svg, rows, series, { x }, height, context) {
  const chosen = rows.find(({ key }) => key === svg.attr("data-at")) ?? rows[rows.length - 1];
  const line = child(place, "p", "readout").attr("aria-hidden", "true");
  const tell = (/** @type {Period} */ row) => {
    write(line, () => `${row.long}: ${series.map((name) => `${context.say(`series.${name}`)} ${counted(row.values[name], context)}`).join(" · ")}`);
    children(svg, "svg:rect", "cursor", svg.attr("data-at") ? [row] : [], () => "").lower()
      .attr("x", x(row.key) - (x.step() - x.bandwidth()) / 2).attr("width", x.step()).attr("y", EDGE.top).attr("height", height - EDGE.top - EDGE.bottom).attr("rx", 4);
  };
  tell(chosen);
  svg.on("pointermove pointerdown", (/** @type {PointerEvent} */ event) => {
    const at = d3.pointer(event)[0];
    const near = d3.least(rows, (/** @type {Period} */ row) => Math.abs(x(row.key) + x.bandwidth() / 2 - at));
    svg.attr("data-at", near.key);
    tell(near);
  }).on("pointerleave", () => {
    svg.attr("data-at", null);
    tell(rows[rows.length - 1]);
  });
}

/** @param {any} place @param {string[]} series @param {Period[]} rows @param {import("./drawing.js").Context} context */
function legend(place, series, rows, context) {
  const hidden = context.least > 0 && rows.some((row) => series.some((name) => row.values[name] == null));
  const list = child(place, "ul", "legend");
  const items = children(list, "li", "item", [...series, ...(hidden ? ["absent"] : [])], (name) => name);
  children(items, "span", "swatch", [0], () => "").attr("aria-hidden", "true");
  items.each(/** @this {Element} */ function (/** @type {string} */ name, /** @type {number} */ index) {
    d3.select(this).select(".swatch").attr("class", `swatch ${name === "absent" ? "absent" : index ? "trend" : "column"}`);
    write(child(d3.select(this), "span", "word"), () => (name === "absent" ? context.say("not_shown") : context.say(`series.${name}`)));
  });
}
