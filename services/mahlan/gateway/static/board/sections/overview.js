// @ts-check
// The first things to see: a few large numbers. And the last: where the numbers come from.

import d3 from "../d3.js";
import { NOTHING, count, momentName, percent, shareOf } from "../numbers.js";
import { child, children, write } from "../charts/drawing.js";

/** @typedef {{key: string, value: string, note: string}} Tile */

/** @param {any} place @param {Tile[]} tiles @param {import("../charts/drawing.js").Context} context */
function drawTiles(place, tiles, { say }) {
  const items = children(place, "li", "tile", tiles, (tile) => tile.key);
  items.each(/** @this {Element} */ function (/** @type {Tile} */ tile) {
    const item = d3.select(this).attr("data-tile", tile.key);
    write(child(item, "span", "name"), () => say(tile.key));
    write(child(item, "strong", "number"), () => tile.value);
    write(child(item, "span", "note"), () => tile.note);
  });
}

/** @param {any} place @param {any} numbers @param {import("../charts/drawing.js").Context} context */
export function drawOverview(place, { challenge, nudges }, context) {
  const { language, say } = context;
  const n = (/** @type {number | null} */ value) => count(value, language);
  const { authors, growth } = challenge;
  const { revised, cancelled } = nudges.outcomes;
  const again = revised == null && cancelled == null ? null : (revised ?? 0) + (cancelled ?? 0);
  const asked = nudges.decisions.nudge;
  const days = challenge.by_day;
  const posted = (/** @type {number} */ back) => n(days.at(-back)?.posts ?? null);
  drawTiles(place, [
    { key: "joiners", value: n(challenge.joiners), note: growth.week == null ? "" : say("this_week", { week: n(growth.week), before: n(growth.week_before) }) },
    { key: "posts", value: n(challenge.posts), note: days.length > 1 ? say("today", { today: posted(1), yesterday: posted(2) }) : "" },
    { key: "authors", value: n(authors.estimate), note: authors.low == null ? "" : say("between", { low: n(authors.low), high: n(authors.high) }) },
    { key: "asked", value: n(asked), note: say("of_comments", { comments: n(nudges.comments) }) },
    { key: "again", value: n(again), note: shareOf(again, asked) == null ? "" : say("of_asked", { share: percent(shareOf(again, asked), language) }) },
  ], context);
}

/** @param {any} place @param {any} numbers @param {import("../charts/drawing.js").Context} context */
export function drawPublicOverview(place, numbers, context) {
  const { language, say, least } = context;
  const n = (/** @type {number | null} */ value) => (value == null ? say("fewer", { least: count(least, language) }) : count(value, language));
  drawTiles(place, [
    { key: "joiners", value: n(numbers.joiners), note: "" },
    { key: "posts", value: n(numbers.posts), note: "" },
    { key: "authors", value: n(numbers.authors), note: "" },
    { key: "asked", value: n(numbers.nudges), note: say("of_comments", { comments: n(numbers.comments) }) },
  ], context);
}

/** @param {any} section @param {any} numbers @param {import("../charts/drawing.js").Context} context */
export function drawData(section, numbers, context) {
  const { language, say, zone } = context;
  const { partitions, nudges, sample_ratio: ratio } = numbers;
  const n = (/** @type {number | null} */ value) => count(value, language);
  const held = ratio && shareOf(ratio.holdout, (ratio.treated ?? 0) + (ratio.holdout ?? 0));
  const rows = [
    ["data.as_of", momentName(numbers.as_of, language, zone)],
    ["data.parts", partitions.all == null ? NOTHING : say("data.of", { answered: n(partitions.answered), all: n(partitions.all) })],
    ["data.comments", n(nudges.comments)],
    ["data.held_back", n(nudges.decisions.suppress)],
    ["data.unknown", n(nudges.outcomes.unknown)],
    ["data.ratio", held == null ? NOTHING : say("data.ratio_of", { share: percent(held, language), expected: percent(ratio.expected_share, language) })],
  ];
  const items = children(section.select("dl"), "div", "fact", rows, ([key]) => key);
  items.each(/** @this {Element} */ function (/** @type {[string, string]} */ [key, value]) {
    write(child(d3.select(this), "dt", "name"), () => say(key));
    write(child(d3.select(this), "dd", "number"), () => value);
  });
}
