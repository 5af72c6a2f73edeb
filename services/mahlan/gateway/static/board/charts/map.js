// @ts-check
// The map of languages: the larger the area, the more people joined in it.

import d3 from "../d3.js";
import { percent, shareOf } from "../numbers.js";
import { canvas, child, children, counted, hollow, tabulate, write } from "./drawing.js";

const HEIGHT = 250;
/** A place has its colour by its rank in the campaign's list, so that it keeps it while counts change. */
const COLOURS = 6;

/** @typedef {{key: string, name: string, joiners: number | null, posts: number | null, rank: number}} Tongue */

/** @param {any} figure @param {{title: string, rows: Tongue[], total: number | null}} told @param {import("./drawing.js").Context} context */
export function drawMap(figure, { title, rows, total }, context) {
  const place = figure.select(".place");
  const ranked = [...rows].sort((a, b) => (b.joiners ?? -1) - (a.joiners ?? -1) || a.rank - b.rank);
  const nothing = hollow(place, rows.every((row) => !row.joiners), context);
  figure.select("details").attr("hidden", nothing ? "" : null);
  for (const name of ["svg.chart", "ul.tongues"]) place.selectAll(name).attr("hidden", nothing ? "" : null);
  if (nothing) return;
  const told = ranked.map((row) => `${row.name} ${counted(row.joiners, context)}`).join(context.rtl ? "، " : ", ");
  areas(place, ranked, `${title}: ${told}`, total, context);
  list(place, ranked, total, context);
  tabulate(figure.select("details"), title, [context.say("language"), context.say("series.joiners"), context.say("series.posts")],
    ranked.map((row) => [row.name, counted(row.joiners, context), counted(row.posts, context)]), context);
}

/** @param {any} place @param {Tongue[]} rows @param {string} summary @param {number | null} total @param {import("./drawing.js").Context} context */
function areas(place, rows, summary, total, { language, rtl }) {
  const { svg, width, height } = canvas(place, HEIGHT, summary);
  const root = d3.hierarchy({ children: rows }).sum((/** @type {any} */ row) => row.joiners ?? 0);
  d3.treemap().size([width, height]).paddingInner(3).round(true)(root);
  const leaves = (root.leaves() ?? []).filter((/** @type {any} */ leaf) => leaf.value > 0);
  // The largest begins where people begin to read.
  const left = (/** @type {any} */ leaf) => (rtl ? width - leaf.x1 : leaf.x0);
  const wide = (/** @type {any} */ leaf) => leaf.x1 - leaf.x0;
  const tall = (/** @type {any} */ leaf) => leaf.y1 - leaf.y0;
  const start = (/** @type {any} */ leaf) => (rtl ? left(leaf) + wide(leaf) - 12 : left(leaf) + 12);
  const groups = children(svg, "svg:g", "tongue", leaves, (leaf) => leaf.data.key);
  children(groups, "svg:rect", "area", [0], () => "");
  groups.each(/** @this {Element} */ function (/** @type {any} */ leaf) {
    const group = d3.select(this).attr("data-rank", leaf.data.rank % COLOURS);
    group.select("rect").attr("x", left(leaf)).attr("y", leaf.y0).attr("width", wide(leaf)).attr("height", tall(leaf)).attr("rx", 8);
    // What does not fit is left out: the list below has it all.
    const named = tall(leaf) >= 54 && wide(leaf) >= leaf.data.name.length * 9 + 24;
    const counted = tall(leaf) >= 30 && wide(leaf) >= 56;
    const anchor = rtl ? "end" : "start";
    write(children(group, "svg:text", "label", named ? [0] : [], () => "").attr("x", start(leaf)).attr("y", leaf.y0 + 25).attr("text-anchor", anchor), () => leaf.data.name);
    write(children(group, "svg:text", "amount", counted ? [0] : [], () => "").attr("x", start(leaf)).attr("y", leaf.y0 + (named ? 46 : 22)).attr("text-anchor", anchor),
      () => percent(shareOf(leaf.data.joiners, total), language, 0));
  });
}

/** @param {any} place @param {Tongue[]} rows @param {number | null} total @param {import("./drawing.js").Context} context */
function list(place, rows, total, context) {
  const items = children(child(place, "ul", "tongues").attr("role", "list"), "li", "item", rows, (row) => row.key);
  items.each(/** @this {Element} */ function (/** @type {Tongue} */ row) {
    const item = d3.select(this);
    child(item, "span", "swatch").attr("data-rank", row.rank % COLOURS).attr("aria-hidden", "true");
    write(child(item, "span", "name"), () => row.name);
    write(child(item, "span", "number"), () => counted(row.joiners, context));
    write(child(item, "span", "share"), () => (row.joiners == null ? "" : percent(shareOf(row.joiners, total), context.language, 0)));
  });
}
