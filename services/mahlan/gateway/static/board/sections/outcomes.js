// @ts-check
// What happened after the question: all together, by creator's message, and by way of asking.

import d3 from "../d3.js";
import { count, percent, shareOf } from "../numbers.js";
import { child, children, hollow, tabulate, write } from "../charts/drawing.js";
import { drawParts } from "../charts/parts.js";
import { named } from "../words.js";

const ENDS = ["revised", "cancelled", "sent_unchanged"];
/** Below so many, shares are not told: they would be read as a result. */
export const FEW = 50;

/** @param {any} section @param {any} nudges @param {import("../charts/drawing.js").Context} context */
export function drawOutcomes(section, nudges, context) {
  const { say, language } = context;
  const asked = nudges.decisions.nudge;
  const told = nudges.outcomes;
  const known = [...ENDS, "open"].map((key) => ({ key, name: say(key), value: told[key] }));
  const rest = asked == null ? null : Math.max(0, asked - known.reduce((sum, { value }) => sum + (value ?? 0), 0));
  const parts = [...known, { key: "other", name: say("unknown"), value: rest }];
  write(section.select(".about"), () => say("next_note", { asked: count(asked, language), holdout: count(nudges.decisions.holdout, language) }));
  drawParts(section.select(".ends"), parts, asked, context);
  write(children(section.select(".ends"), "p", "disputed", asked ? [0] : [], () => ""), () => `${say("disputed")}: ${count(told.disputed, language)} (${percent(shareOf(told.disputed, told.shown), language)})`);
  const changes = ["less", "same", "more", "trick"].map((key) => ({ key, name: say(key), value: nudges.revisions[key] }));
  const changed = changes.reduce((sum, { value }) => sum + (value ?? 0), 0);
  drawParts(section.select(".changes"), changes, changed, context);
}

/** @param {any} section @param {any[]} outcomes what is known publicly @param {number | null} asked @param {import("../charts/drawing.js").Context} context */
export function drawPublicOutcomes(section, outcomes, asked, context) {
  const { say, language, least } = context;
  const hidden = say("not_shown");
  const parts = [...ENDS, "other"].map((key) => ({ key, name: say(key), value: outcomes[/** @type {any} */ (key)], text: outcomes[/** @type {any} */ (key)] == null ? hidden : undefined }));
  write(section.select(".about"), () => say("next_plain", { asked: asked == null ? say("fewer", { least: count(least, language) }) : count(asked, language) }));
  drawParts(section.select(".ends"), parts, asked, context);
}

/** Rows of counts that lie under each other, each a bar of what happened. @param {any} section @param {{title: string, rows: any[], kind: "creator" | "arm", names: Record<string, string>}} told @param {import("../charts/drawing.js").Context} context */
export function drawCompared(section, { title, rows, kind, names }, context) {
  const { say, language } = context;
  const name = (/** @type {any} */ row) => names[row[kind]] ?? named(kind, row[kind], language);
  hollow(section.select(".rows"), rows.length === 0, context);
  section.select("details").attr("hidden", rows.length ? null : "");
  const sorted = [...rows].sort((a, b) => (b.nudges ?? 0) - (a.nudges ?? 0));
  const items = children(child(section.select(".rows"), "ul", "compared").attr("role", "list"), "li", "item", sorted, (row) => row[kind]);
  items.each(/** @this {Element} */ function (/** @type {any} */ row) {
    const item = d3.select(this);
    const few = (row.nudges ?? 0) < FEW;
    write(child(item, "bdi", "name"), () => name(row));
    write(child(item, "span", "number"), () => say("times_asked", { n: count(row.nudges, language) }));
    const place = child(item, "div", "stacked").attr("hidden", few ? "" : null);
    drawParts(place, ENDS.map((key) => ({ key, name: say(key), value: row[key] })), row.nudges, context, true);
    write(child(item, "p", "told"), () => (few ? say("too_few", { n: count(FEW, language) }) : shares(row, context)));
  });
  tabulate(section.select("details"), title, [title, say("asked"), ...ENDS.map((key) => say(key)), say("disputed")],
    sorted.map((row) => [name(row), ...["nudges", ...ENDS, "disputed"].map((key) => count(row[key], language))]), context);
}

/** @param {any} row @param {import("../charts/drawing.js").Context} context */
const shares = (row, { say, language, rtl }) =>
  [...ENDS, "disputed"].map((key) => `${say(key)} ${percent(shareOf(row[key], row.nudges), language)}`).join(rtl ? "، " : ", ");
