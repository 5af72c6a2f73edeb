// @ts-check
// "Does asking change anything?": what is known of each measure, or how long until something is. Never a bare number.

import d3 from "../d3.js";
import { NOTHING, count, duration } from "../numbers.js";
import { child, children, hollow, tabulate, write } from "../charts/drawing.js";
import { drawInterval } from "../charts/interval.js";
import { named } from "../words.js";

const MEASURES = ["toxic_posted", "cancelled", "later_offences", "volume"];
/** Measures that are of people; the others are of comments, of which one person may write many. */
const OF_PEOPLE = ["toxic_posted", "cancelled"];
/** What a finding means for the campaign; every other is neither. @type {Record<string, string>} */
const TONES = {
  "toxic_posted.lower": "good", "later_offences.lower": "good", "toxic_posted.higher": "bad", "later_offences.higher": "bad", "volume.lower": "bad",
};

/** @param {any} section @param {any} numbers @param {import("../charts/drawing.js").Context} context @param {{measure: string}} chosen */
export function drawEvidence(section, numbers, context, chosen) {
  /** @type {any[]} */
  const effects = numbers.effect;
  write(children(section.select(".warning"), "p", "alarm", numbers.sample_ratio?.alarm ? [0] : [], () => ""), () => context.say("ratio.alarm"));
  const overall = MEASURES.map((measure) => effects.find((row) => row.measure === measure && isOverall(row))).filter(Boolean);
  hollow(section.select(".rows"), overall.length === 0, context);
  const items = children(child(section.select(".rows"), "ul", "measures").attr("role", "list"), "li", "measure", overall, (row) => row.measure);
  items.each(/** @this {Element} */ function (/** @type {any} */ row) {
    describe(d3.select(this), context.say(`measure.${row.measure}`), row, reach([row]), context);
  });
  const detailed = effects.filter((row) => !isOverall(row) && row.measure === chosen.measure && row.treated.authors + row.control.authors > 0);
  section.select(".breakdown").attr("hidden", effects.some((row) => !isOverall(row)) ? null : "");
  const groups = [
    { key: "language", title: context.say("by_language"), rows: detailed.filter((row) => row.language) },
    { key: "arm", title: context.say("by_arm"), rows: detailed.filter((row) => !row.language) },
  ].filter(({ rows }) => rows.length);
  breakdown(section.select(".groups"), groups, context);
  tabulate(section.select("details.data"), context.say("effect"), ["measure", "language", "arms", "state", "difference"].map((key) => context.say(key)),
    effects.map((row) => line(row, context)), context);
}

/** @param {any} row */
const isOverall = (row) => !row.language && row.arm === "all" && row.against === "holdout";
/** The ends of the axis: a little beyond the longest interval. @param {any[]} rows */
const reach = (rows) => Math.max(...rows.flatMap((row) => [Math.abs(row.low ?? 0), Math.abs(row.high ?? 0)])) * 1.12 || 1;

/** @param {any} place @param {any[]} groups @param {import("../charts/drawing.js").Context} context */
function breakdown(place, groups, context) {
  hollow(place, groups.length === 0, context);
  const boxes = children(place, "section", "group", groups, (group) => group.key);
  boxes.each(/** @this {Element} */ function (/** @type {any} */ group) {
    const box = d3.select(this);
    write(child(box, "h4", "title"), () => group.title);
    const items = children(child(box, "ul", "findings").attr("role", "list"), "li", "measure", group.rows, (row) => name(row, context));
    items.each(/** @this {Element} */ function (/** @type {any} */ row) {
      describe(d3.select(this), name(row, context), row, reach(group.rows), context, true);
    });
  });
}

/** @param {any} row @param {import("../charts/drawing.js").Context} context */
function name(row, { language, say }) {
  if (row.language) return named("lang", row.language, language);
  const own = named("arm", row.arm, language);
  return row.against === "holdout" ? own : `${own} · ${say("against", { name: named("arm", row.against, language) })}`;
}

/** @param {any} item @param {string} title @param {any} row @param {number} most @param {import("../charts/drawing.js").Context} context @param {boolean} [brief] */
function describe(item, title, row, most, context, brief = false) {
  const { say } = context;
  const tone = TONES[`${row.measure}.${row.state}`] ?? (row.state === "not_enough" ? "open" : "even");
  const top = child(item, "div", "finding");
  write(child(top, brief ? "h5" : "h3", "name"), () => title);
  write(child(top, "p", "badge").attr("data-tone", tone), () => say(`state.${row.state}`));
  const found = row.difference == null ? null : { low: row.low, high: row.high, difference: row.difference, tone };
  const told = sentences(row, context);
  drawInterval(child(item, "div", "place"), found, most, `${title}: ${say(`state.${row.state}`)}. ${told.join(" ")}`, context);
  const text = child(item, "div", "told");
  write(children(text, "p", "sentence", told, (_, index) => String(index)), (sentence) => sentence);
  progress(text, row, context);
  if (!brief) means(item, row, context);
}

/** @param {any} row @param {import("../charts/drawing.js").Context} context */
function sentences(row, context) {
  const { language, say } = context;
  const key = `note.${row.measure}.${row.state}`;
  const note = say(key) === key ? [] : [say(key)];
  if (row.state === "not_enough" || row.difference == null) return [waiting(row, context)];
  const unit = say(OF_PEOPLE.includes(row.measure) ? "per_100" : "per_100_times");
  const [low, high] = [signed(row.low, language, say), signed(row.high, language, say)];
  return [`${unit}: ${signed(row.difference, language, say)}. ${say("difference.range", { low, high })}.`, ...note];
}

/** How long until something can be said. @param {any} row @param {import("../charts/drawing.js").Context} context */
function waiting(row, { language, say }) {
  const there = (row.treated.authors ?? 0) + (row.control.authors ?? 0);
  if (row.authors_needed == null || row.authors_needed <= there) return say("need_more");
  const people = count(row.authors_needed - there, language);
  if (row.days_needed == null) return say("need_people", { people });
  return say("need", { people, days: duration(row.days_needed * 86400, language) });
}

/** Of how many people there are already so many: while more are waited for. @param {any} text @param {any} row @param {import("../charts/drawing.js").Context} context */
function progress(text, row, { language, say }) {
  const there = (row.treated.authors ?? 0) + (row.control.authors ?? 0);
  const box = children(text, "div", "progress", row.authors_needed ? [row.authors_needed] : [], () => "");
  box.each(/** @this {Element} */ function (/** @type {number} */ needed) {
    const track = child(d3.select(this), "span", "track").attr("aria-hidden", "true");
    child(track, "span", "fill").style("inline-size", `${Math.min(1, there / needed) * 100}%`);
    write(child(d3.select(this), "span", "word"), () => say("progress", { there: count(there, language), needed: count(needed, language) }));
  });
}

/** A difference of 1 per person as "so many fewer" of 100. @param {number} value @param {string} language @param {(key: string, values?: Record<string, string>) => string} say */
const signed = (value, language, say) => say(value < 0 ? "difference.less" : "difference.more", { n: count(Math.abs(value) * 100, language, 1) });

/** @param {any} item @param {any} row @param {import("../charts/drawing.js").Context} context */
function means(item, row, { language, say }) {
  const groups = [["treated", row.treated], ["control", row.control]];
  const boxes = children(child(item, "dl", "means"), "div", "side", groups, ([key]) => key);
  boxes.each(/** @this {Element} */ function (/** @type {[string, any]} */ [key, side]) {
    const box = d3.select(this);
    write(child(box, "dt", "name"), () => say(`group.${key}`));
    write(child(box, "dd", "number"), () => (side.mean == null ? NOTHING : count(side.mean * 100, language, 1)));
    write(child(box, "dd", "people"), () => say("group.people", { n: count(side.authors, language) }));
  });
}

/** @param {any} row @param {import("../charts/drawing.js").Context} context */
function line(row, context) {
  const { language, say } = context;
  const all = named("arm", row.arm, language);
  return [
    say(`measure.${row.measure}`), row.language ? named("lang", row.language, language) : say("all_languages"),
    row.against === "holdout" ? all : name({ ...row, language: null }, context), say(`state.${row.state}`), sentences(row, context)[0],
  ];
}
