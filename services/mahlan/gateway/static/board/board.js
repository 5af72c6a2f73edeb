// @ts-check
// The board: asks the gateway every few seconds, and draws what has changed in place. The same page is everybody's board at
// /public-board, with counts alone.

import { draw, prepare } from "./page.js";
import { LANGUAGES } from "./words.js";

/** @template {HTMLElement} T @param {string} id @returns {T} */
const find = (id) => /** @type {T} */ (document.getElementById(id));
const asked = new URLSearchParams(location.search);
const isPublic = location.pathname.startsWith("/public-board");
/** In this tab alone; gone when it closes. */
const KEY = "mahlan-board-key";
const SECOND = 1000;
/** A gateway that has not answered by then is away. */
const PATIENCE = 8 * SECOND;

/** Everything the page shows follows from this. @type {import("./page.js").State} */
const state = {
  language: LANGUAGES.find((tag) => tag === asked.get("lang")) ?? "arz",
  isPublic,
  campaigns: [],
  campaign: asked.get("campaign") ?? "",
  answer: null,
  age: null,
  heard: 0,
  trouble: null,
  period: "day",
  measure: "toxic_posted",
};
let mark = "";
/** @type {ReturnType<typeof setTimeout> | undefined} */
let next;
/** The look that counts: what an earlier one hears, of another campaign perhaps, is dropped. */
let turn = 0;

/** @param {string} path @param {Record<string, string>} [headers] */
function ask(path, headers = {}) {
  const key = isPublic ? "" : sessionStorage.getItem(KEY);
  return fetch(path, { cache: "no-store", headers: { ...headers, ...(key && { "X-API-Key": key }) }, signal: AbortSignal.timeout(PATIENCE) });
}

/** One look; tells in how many seconds the next is due. @param {number} mine */
async function look(mine) {
  if (!state.campaign || !(isPublic || state.campaigns.length)) {
    const found = isPublic ? null : await ask("/v1/board");
    if (!found?.ok) return refused(found?.status ?? 404);
    state.campaigns = (await found.json()).campaigns;
    if (!state.campaigns.some(({ id }) => id === state.campaign)) state.campaign = state.campaigns[0]?.id ?? "";
  }
  const path = isPublic ? "/v1/public-board/" : "/v1/board/";
  const answer = await ask(path + encodeURIComponent(state.campaign), mark ? { "If-None-Match": mark } : {});
  const told = answer.status === 200 ? await answer.json() : null;
  if (mine !== turn) return Infinity;
  if (!told && answer.status !== 304) return refused(answer.status);
  const was = state.trouble;
  state.age = Number(answer.headers.get("Mahlan-Data-Age") ?? NaN);
  state.heard = performance.now();
  state.trouble = null;
  if (told) {
    state.answer = told;
    mark = answer.headers.get("ETag") ?? "";
  }
  if (told || was) draw(state);
  return state.answer?.insights === "waiting" ? 1 : (state.answer?.refresh_seconds ?? 5);
}

/** @param {number} status */
function refused(status) {
  const key = sessionStorage.getItem(KEY);
  state.trouble = status === 401 || status === 403 ? (key ? "wrong" : "key") : status === 404 ? "missing" : "offline";
  draw(state);
  // A key is asked for once; whatever else may mend itself.
  return state.trouble === "key" || state.trouble === "wrong" ? Infinity : status === 404 ? 30 : 5;
}

async function go() {
  clearTimeout(next);
  turn += 1;
  const mine = turn;
  let seconds = 5;
  try {
    seconds = await look(mine);
  } catch {
    if (mine === turn && state.trouble !== "offline") {
      state.trouble = "offline";
      draw(state);
    }
  }
  if (mine === turn && Number.isFinite(seconds) && !document.hidden) next = setTimeout(go, seconds * SECOND);
}

/** Look at another campaign, or with another key. */
function begin() {
  mark = "";
  state.answer = null;
  state.trouble = null;
  go();
}

function remember() {
  const wanted = new URLSearchParams();
  if (state.campaign && (isPublic || state.campaign !== state.campaigns[0]?.id)) wanted.set("campaign", state.campaign);
  if (state.language !== "arz") wanted.set("lang", state.language);
  history.replaceState(null, "", wanted.size ? `?${wanted}` : location.pathname);
}

prepare(state);
for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => {
    state.language = LANGUAGES.find((tag) => tag === button.getAttribute("data-language")) ?? "arz";
    remember();
    draw(state);
  });
}
for (const button of document.querySelectorAll("[data-period]")) {
  button.addEventListener("click", () => {
    state.period = button.getAttribute("data-period") === "hour" ? "hour" : "day";
    draw(state);
  });
}
find("campaign")?.addEventListener("change", (event) => {
  state.campaign = /** @type {HTMLSelectElement} */ (event.target).value;
  remember();
  begin();
});
find("measure")?.addEventListener("change", (event) => {
  state.measure = /** @type {HTMLSelectElement} */ (event.target).value;
  draw(state);
});
find("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, /** @type {HTMLInputElement} */ (find("key")).value.trim());
  begin();
});
find("print").addEventListener("click", () => window.print());
document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(next) : go()));
// A chart is as wide as its place. Heights change with what is drawn: only a new width is a reason to draw.
let width = innerWidth;
addEventListener("resize", () => {
  if (width !== innerWidth) draw(state);
  width = innerWidth;
});
for (const [event, isPaper] of /** @type {const} */ ([["beforeprint", true], ["afterprint", false]])) {
  addEventListener(event, () => {
    document.body.classList.toggle("paper", isPaper);
    draw(state);
  });
}
setInterval(() => draw(state, "age"), SECOND);
go();
