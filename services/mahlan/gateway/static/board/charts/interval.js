// @ts-check
// One comparison as a line: where the true difference lies, and where "no difference" is.

import d3 from "../d3.js";
import { canvas, child, children, write } from "./drawing.js";

const HEIGHT = 62;
const EDGE = 10;

/**
 * Differences are in the units they are told in; `reach` is the largest of all lines that are compared.
 * @param {any} place @param {{low: number, high: number, difference: number, tone: string} | null} found null: there is none yet
 * @param {number} reach @param {string} summary @param {import("./drawing.js").Context} context
 */
export function drawInterval(place, found, reach, summary, { rtl, say }) {
  const { svg, width } = canvas(place, HEIGHT, summary);
  svg.attr("class", `chart interval ${found?.tone ?? "open"}`);
  const x = d3.scaleLinear([-reach, reach], rtl ? [width - EDGE, EDGE] : [EDGE, width - EDGE]);
  const middle = 26;
  child(svg, "svg:line", "base").attr("x1", EDGE).attr("x2", width - EDGE).attr("y1", middle).attr("y2", middle);
  child(svg, "svg:line", "zero").attr("x1", x(0)).attr("x2", x(0)).attr("y1", 6).attr("y2", 46);
  children(svg, "svg:rect", "range", found ? [found] : [], () => "")
    .attr("x", (/** @type {any} */ one) => Math.min(x(one.low), x(one.high))).attr("width", (/** @type {any} */ one) => Math.max(2, Math.abs(x(one.high) - x(one.low))))
    .attr("y", middle - 7).attr("height", 14).attr("rx", 7);
  children(svg, "svg:circle", "point", found ? [found] : [], () => "").attr("cx", (/** @type {any} */ one) => x(one.difference)).attr("cy", middle).attr("r", 6.5);
  const ends = [["less", -reach], ["zero", 0], ["more", reach]];
  write(children(svg, "svg:text", "end", ends, ([name]) => name).attr("x", (/** @type {any} */ [, at]) => x(at)).attr("y", 60)
    .attr("text-anchor", (/** @type {any} */ [, at]) => (at === 0 ? "middle" : x(at) < width / 2 ? "start" : "end")), ([name]) => (name === "zero" ? "0" : say(`axis.${name}`)));
}
