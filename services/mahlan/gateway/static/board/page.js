// @ts-check
// From what is known to what is seen. Called by board.js whenever something has changed.

import d3 from "./d3.js";
import { children, counted, write } from "./charts/drawing.js";
import { drawMap } from "./charts/map.js";
import { drawBars } from "./charts/parts.js";
import { drawSeries } from "./charts/series.js";
import { count, dateName, dayName, duration, hourName, momentName } from "./numbers.js";
import { drawBudget } from "./sections/budget.js";
import { drawEvidence } from "./sections/evidence.js";
import { drawCompared, drawOutcomes, drawPublicOutcomes } from "./sections/outcomes.js";
import { drawData, drawOverview, drawPublicOverview } from "./sections/overview.js";
import { isRtl, named, word } from "./words.js";

/**
 * @typedef {{language: string, isPublic: boolean, campaigns: any[], campaign: string, answer: any, age: number | null, heard: number,
 *   trouble: null | "key" | "wrong" | "missing" | "offline", period: "day" | "hour", measure: string}} State
 */

const SETUP = ["mahlan run insights", "MAHLAN_GATEWAY_INSIGHTS_URL=http://127.0.0.1:8090 mahlan run gateway"];
const one = (/** @type {string} */ selector) => d3.select(selector);

/** Once, before anything is known. @param {State} state */
export function prepare(state) {
  document.body.classList.toggle("public", state.isPublic);
  for (const node of document.querySelectorAll(state.isPublic ? "[data-team]" : "[data-public]")) node.remove();
  draw(state);
}

/** @param {State} state @param {"all" | "age"} [what] */
export function draw(state, what = "all") {
  const say = (/** @type {string} */ key, /** @type {Record<string, string>} */ values = {}) => word(key, state.language, values);
  const facts = state.answer?.campaign;
  const context = { language: state.language, rtl: isRtl(state.language), say, zone: facts?.timezone ?? "UTC", least: state.answer?.least ?? 0 };
  if (what === "all") frame(state, context);
  status(state, context);
  const numbers = state.answer?.numbers;
  document.body.classList.toggle("filled", Boolean(numbers));
  if (what === "age" || !numbers) return;
  (state.isPublic ? drawPublic : drawTeam)(state, numbers, context);
}

/** @param {State} state @param {import("./charts/drawing.js").Context} context */
function frame(state, context) {
  const { language, rtl, say, least } = context;
  const root = document.documentElement;
  if (root.lang !== language) Object.assign(root, { lang: language, dir: rtl ? "rtl" : "ltr" });
  const other = language === "en" ? "arz" : "en";
  write(d3.selectAll("[data-word]").datum(/** @this {HTMLElement} */ function () {
    return this.dataset.word;
  }), (key) => say(key, { least: count(least || 10, language) }));
  d3.selectAll("[data-beside]").attr("lang", other).attr("dir", other === "en" ? "ltr" : "rtl").each(/** @this {HTMLElement} */ function () {
    const text = word(this.dataset.beside ?? "", other);
    if (this.textContent !== text) this.textContent = text;
  });
  for (const [name, value] of [["language", language], ["period", state.period]]) {
    for (const button of document.querySelectorAll(`button[data-${name}]`)) button.setAttribute("aria-pressed", String(button.getAttribute(`data-${name}`) === value));
  }
  document.title = `${state.answer?.campaign.title ?? say("title")} · mahlan`;
  choose("#campaign", state.campaigns.map(({ id, title }) => [id, title]), state.campaign);
  one("#campaigns").attr("hidden", state.campaigns.length > 1 ? null : "");
  choose("#measure", ["toxic_posted", "cancelled", "later_offences", "volume"].map((key) => [key, say(`measure.${key}`)]), state.measure);
  const facts = state.answer?.campaign;
  write(one("#name"), () => facts?.title ?? say(state.isPublic ? "public_title" : "title"));
  one(".eyebrow").attr("hidden", facts ? null : "");
  write(children(one("#facts .hashtags"), "bdi", "hashtag", facts?.hashtags ?? [], (tag) => tag), (tag) => tag);
  write(one("#facts .word"), () => (facts ? [span(facts, language), say(facts.running ? "running" : "not_running")].filter(Boolean).map((text) => `· ${text}`).join(" ") : ""));
}

/** @param {any} facts @param {string} language */
const span = ({ starts, ends }, language) => [starts, ends].map((day) => (day ? dayName(day, language) : "")).filter(Boolean).join(" – ");

/** @param {string} selector @param {[string, string][]} options @param {string} chosen */
function choose(selector, options, chosen) {
  const select = one(selector);
  if (select.empty()) return;
  write(children(select, "option", "option", options, ([key]) => key).attr("value", (/** @type {any} */ [key]) => key), ([, text]) => text);
  if (select.property("value") !== chosen) select.property("value", chosen);
}

/** How things stand, in one sentence; said aloud only when that changes, not with every second. @param {State} state @param {import("./charts/drawing.js").Context} context */
function status(state, { language, say }) {
  const { answer, trouble } = state;
  const kind = trouble ?? (answer == null ? "waiting" : answer.insights === "here" && !answer.numbers ? "none" : answer.insights);
  const known = Boolean(answer?.numbers) && Number.isFinite(state.age);
  const age = known ? duration((state.age ?? 0) + (performance.now() - state.heard) / 1000, language) : "";
  /** @type {Record<string, string>} */
  const sentences = {
    key: "", wrong: say("key_wrong"), missing: say("no_board"), offline: say(known ? "offline" : "offline_none", { age }),
    here: say("here", { age }), away: say(known ? "away" : "away_none", { age }), waiting: say("waiting"), none: say("none"), unset: say("unset"),
  };
  const why = kind === "away" && answer.reason ? ` (${say(`why.${answer.reason}`)})` : "";
  write(one("#status"), () => sentences[kind] + why);
  if (document.body.dataset.state !== kind) {
    document.body.dataset.state = kind;
    write(one("#aloud"), () => sentences[kind]);
  }
  const parts = answer?.numbers?.partitions;
  const partial = answer?.numbers?.complete === false;
  one("#partial").attr("hidden", partial ? null : "");
  write(one("#partial"), () => (partial ? say("partial", { answered: count(parts.answered, language), all: count(parts.all, language) }) : ""));
  one("#setup").attr("hidden", kind === "unset" ? null : "");
  write(one("#setup"), () => SETUP.join("\n"));
  one("#key-form").attr("hidden", kind === "key" || kind === "wrong" ? null : "");
}

/** @param {State} state @param {any} numbers @param {import("./charts/drawing.js").Context} context */
function drawTeam(state, numbers, context) {
  const { say, language } = context;
  const { challenge, nudges } = numbers;
  drawOverview(one("#tiles"), numbers, context);
  drawTime(state, challenge, context);
  drawTongues(challenge, context);
  drawEvidence(one("#effect"), numbers, context, state);
  drawOutcomes(one("#next"), nudges, context);
  periods(one("#nudges-time"), "nudges_time", "sum.nudges", nudges.by_day, sums(nudges.by_day, ["nudges", "holdouts"]), context);
  drawCompared(one("#creators"), { title: say("creators"), rows: nudges.by_creator, kind: "creator", names: state.answer.creators }, context);
  drawCompared(one("#arms"), { title: say("arms"), rows: nudges.by_arm, kind: "arm", names: {} }, context);
  drawBudget(one("#budget"), numbers.budget, state.answer.campaign.id, context);
  drawBars(one("#labels .rows"), nudges.by_label.map((/** @type {any} */ row) => ({ key: row.label, name: named("label", row.label, language), value: row.nudges })), context);
  drawBars(one("#surfaces .rows"), nudges.by_surface.map((/** @type {any} */ row) => ({ key: row.surface, name: named("surface", row.surface, language), value: row.nudges })), context);
  drawData(one("#data"), numbers, context);
}

/** @param {State} state @param {any} numbers @param {import("./charts/drawing.js").Context} context */
function drawPublic(state, numbers, context) {
  drawPublicOverview(one("#tiles"), numbers, context);
  drawTime(state, numbers, context);
  drawTongues(numbers, context);
  drawPublicOutcomes(one("#next"), numbers.outcomes, numbers.nudges, context);
}

/** @param {State} state @param {any} told @param {import("./charts/drawing.js").Context} context */
function drawTime(state, told, context) {
  const { posts, joiners } = told;
  const [rows, totals] = state.period === "day" ? [told.by_day, { posts, joiners }] : [told.by_hour, sums(told.by_hour, ["posts", "joiners"])];
  periods(one("#time"), "over_time", "sum.time", rows, totals, context);
}

/** @param {any[]} rows @param {string[]} series @returns {Record<string, number | null>} */
const sums = (rows, series) => Object.fromEntries(series.map((name) => [name, d3.sum(rows, (/** @type {any} */ row) => row[name] ?? 0)]));

/** Rows by day or by hour as a chart. @param {any} figure @param {string} title @param {string} summary @param {any[]} rows @param {Record<string, number | null>} totals @param {import("./charts/drawing.js").Context} context */
function periods(figure, title, summary, rows, totals, context) {
  const { language, say, zone } = context;
  const series = Object.keys(totals);
  const hourly = rows.length > 0 && "hour" in rows[0];
  const told = rows.map((row) => ({
    key: row.day ?? row.hour,
    ...(hourly ? hourOf(row.hour, language, zone) : { name: dayName(row.day, language), long: dayName(row.day, language) }),
    values: Object.fromEntries(series.map((name) => [name, row[name]])),
  }));
  const peak = d3.greatest(told, (/** @type {any} */ row) => row.values[series[0]] ?? 0);
  const text = told.every((row) => !row.values[series[0]]) ? "" : say(summary, {
    from: told[0].long, to: told[told.length - 1].long, peak_day: peak.long, peak: counted(peak.values[series[0]], context),
    ...Object.fromEntries(series.map((name) => [name, counted(totals[name], context)])),
  });
  write(figure.select(".summary"), () => text);
  drawSeries(figure, { title: say(title), head: say(hourly ? "hour" : "day"), summary: `${say(title)}. ${text}`, rows: told, series }, context);
}

/** An hour has a name on the axis at noon; at midnight the day has. @param {string} moment @param {string} language @param {string} zone */
function hourOf(moment, language, zone) {
  const clock = hourName(moment, language, zone);
  return { name: clock === "00:00" ? dateName(moment, language, zone) : clock, tick: clock === "00:00" || clock === "12:00", long: momentName(moment, language, zone) };
}

/** Languages and hashtags. @param {any} told @param {import("./charts/drawing.js").Context} context */
function drawTongues(told, context) {
  const { language, say } = context;
  const rank = (/** @type {string} */ tag) => ["arz", "ar", "arz-Latn", "en", "mixed"].indexOf(tag);
  const rows = told.by_language.map((/** @type {any} */ row) => ({
    key: row.language, name: named("lang", row.language, language), joiners: row.joiners, posts: row.posts, rank: rank(row.language) < 0 ? 5 : rank(row.language),
  }));
  drawMap(one("#map"), { title: say("map"), rows, total: told.joiners }, context);
  drawBars(one("#hashtags .rows"), told.by_hashtag.map((/** @type {any} */ row) => ({
    key: row.hashtag, name: row.hashtag, value: row.posts, text: counted(row.posts, context), note: `${say("series.joiners")} ${counted(row.joiners, context)}`,
  })), context);
}
