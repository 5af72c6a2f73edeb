// @ts-check
// How much of a budget is spent: a bar, and the mark of what is allowed.

import d3 from "../d3.js";
import { canvas, child, children } from "./drawing.js";

const HEIGHT = 30;

/** @param {any} place @param {{rate: number | null, allowed: number | null}} line @param {string} tone @param {string} summary @param {import("./drawing.js").Context} context */
export function drawGauge(place, { rate, allowed }, tone, summary, { rtl }) {
  const { svg, width } = canvas(place, HEIGHT, summary);
  svg.attr("class", `chart gauge ${tone}`);
  const most = Math.max((allowed ?? 0) * 2, (rate ?? 0) * 1.15) || 1;
  const x = d3.scaleLinear([0, most], rtl ? [width, 0] : [0, width]);
  const from = (/** @type {number} */ value) => Math.min(x(0), x(value));
  child(svg, "svg:rect", "whole").attr("x", 0).attr("width", width).attr("y", 8).attr("height", 14).attr("rx", 7);
  children(svg, "svg:rect", "spent", rate ? [rate] : [], () => "").attr("x", from).attr("width", (/** @type {number} */ value) => Math.max(6, Math.abs(x(value) - x(0))))
    .attr("y", 8).attr("height", 14).attr("rx", 7);
  children(svg, "svg:line", "allowed", allowed == null ? [] : [allowed], () => "").attr("x1", x).attr("x2", x).attr("y1", 1).attr("y2", 29);
}
