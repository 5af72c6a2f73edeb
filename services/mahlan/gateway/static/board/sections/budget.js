// @ts-check
// The budget of false nudges: how much is spent, whether the brake is set and why, and how a person releases it.

import d3 from "../d3.js";
import { NOTHING, count, momentName, percent, times } from "../numbers.js";
import { child, children, hollow, tabulate, write } from "../charts/drawing.js";
import { drawGauge } from "../charts/gauge.js";
import { named } from "../words.js";

const TONES = /** @type {Record<string, string>} */ ({ released: "good", raised: "warm", paused: "bad" });

/** @param {any} section @param {any[]} lines @param {string} campaign @param {import("../charts/drawing.js").Context} context */
export function drawBudget(section, lines, campaign, context) {
  const { language, say } = context;
  hollow(section.select(".rows"), lines.length === 0, context);
  section.select("details").attr("hidden", lines.length ? null : "");
  const items = children(child(section.select(".rows"), "ul", "spendings").attr("role", "list"), "li", "spending", lines, (row) => row.language);
  items.each(/** @this {Element} */ function (/** @type {any} */ row) {
    const item = d3.select(this).attr("data-brake", row.brake);
    const name = named("lang", row.language, language);
    const top = child(item, "div", "finding");
    write(child(top, "h3", "name"), () => name);
    write(child(top, "p", "badge").attr("data-tone", TONES[row.brake]), () => say(`brake.${row.brake}`));
    const spent = say("budget.rate", { disputed: count(row.disputed, language), shown: count(row.shown, language), allowed: percent(row.allowed, language) });
    const over = row.rate != null && row.allowed != null && row.rate > row.allowed;
    const chance = over && row.brake === "released";
    drawGauge(child(item, "div", "place"), row, chance ? "warm" : over ? "bad" : "good", `${name}: ${percent(row.rate, language)}. ${spent}`, context);
    const text = child(item, "div", "told");
    const rate = child(text, "p", "rate");
    write(child(rate, "strong", "number"), () => percent(row.rate, language));
    write(child(rate, "span", "word"), () => spent);
    write(child(text, "p", "burn"), () => burn(row, context));
    write(children(text, "p", "chance", chance ? [0] : [], () => ""), () => say("budget.over"));
    brake(item, row, campaign, context);
  });
  tabulate(section.select("details"), say("budget"), [say("language"), say("series.nudges"), say("disputed"), "%", say("state")],
    lines.map((row) => [named("lang", row.language, language), count(row.shown, language), count(row.disputed, language), percent(row.rate, language), say(`brake.${row.brake}`)]), context);
}

/** How fast the budget is spent, as far as it is known. @param {any} row @param {import("../charts/drawing.js").Context} context */
const burn = (row, { language, say }) =>
  [["budget.hour", row.burn_hour], ["budget.day", row.burn_day]].filter(([, rate]) => rate != null)
    .map(([key, rate]) => say(key, { times: times(rate, language) })).join(" · ");

/** @param {any} item @param {any} row @param {string} campaign @param {import("../charts/drawing.js").Context} context */
function brake(item, row, campaign, { language, say, zone }) {
  const box = children(item, "div", "brake", row.brake === "released" ? [] : [row], () => "");
  box.each(/** @this {Element} */ function () {
    const place = d3.select(this);
    const key = `code.${row.code}`;
    const why = row.code == null ? NOTHING : say(key) === key ? row.code : say(key);
    write(child(place, "p", "why"), () => (row.since ? `${say("since", { when: momentName(row.since, language, zone) })}. ${why}` : why));
    write(child(place, "p", "how"), () => say("release"));
    write(child(child(place, "pre", "command").attr("dir", "ltr").attr("tabindex", "0"), "code", "text"), () => `mahlan campaigns release ${campaign} --language ${row.language} --reason "…"`);
  });
}
