// @ts-check
// The playground: the composer live against the running model, and what happened behind. Nothing is recorded or stored.

import { describe, make, named } from "./behind.js";
import { LANGUAGES, SAMPLES, word } from "./words.js";

/** @template {HTMLElement} T @param {string} id @returns {T} */
const find = (id) => /** @type {T} */ (document.getElementById(id));
/** @type {import("../composer/mahlan-composer.js").MahlanComposer} */
const composer = find("composer");
const asked = new URLSearchParams(location.search).get("lang") ?? "";
let language = LANGUAGES.find((tag) => tag === asked) ?? "arz";
/** Not in the shipped campaign's holdout; where another campaign's holds it, the panel offers another. */
let author = "playground-visitor";
/** @type {{text: string, answer: any, milliseconds: number, body: Record<string, unknown>} | null} */
let check = null;
/** @type {{comment: string, outcome: string}[]} */
let outcomes = [];

const say = (/** @type {string} */ key) => word(key, language);

function translate() {
  document.documentElement.lang = language;
  document.documentElement.dir = language === "en" || language === "arz-Latn" ? "ltr" : "rtl";
  composer.lang = language;
  for (const node of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-word]"))) node.textContent = say(node.dataset.word ?? "");
  // The other language beside it: English beside Arabic, Egyptian beside English.
  const other = language === "en" ? "arz" : "en";
  for (const node of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-beside]"))) {
    node.textContent = word(node.dataset.beside ?? "", other);
    node.lang = other;
    node.dir = other === "en" ? "ltr" : "rtl";
  }
  for (const node of document.querySelectorAll("[data-language]")) node.setAttribute("aria-pressed", String(node.getAttribute("data-language") === language));
  for (const tag of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-tag]"))) tag.textContent = say(tag.dataset.tag ?? "");
  showSamples();
  show();
}

function showSamples() {
  find("samples").replaceChildren(...SAMPLES.map(({ language: tag, text }) => {
    const chip = make("button", { type: "button", lang: tag, dir: "auto" }, text);
    chip.addEventListener("click", () => {
      composer.reset();
      composer.value = text;
      composer.focus();
    });
    return make("li", {}, chip);
  }));
}

function show() {
  const empty = make("p", { class: "quiet" }, say("behind_empty"));
  const mine = check && outcomes.filter((told) => told.comment === check?.body.comment_id).map((told) => told.outcome);
  const another = () => {
    author = `playground-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    composer.setAttribute("author-key", author);
    if (check) composer.value = check.text;
  };
  find("behind").replaceChildren(...(check && mine
    ? describe(check, { language, origin: location.origin, keyed: composer.hasAttribute("key"), body: check.body, outcomes: mine, another })
    : [empty]));
}

/** @param {import("../composer/mahlan-composer.js").PostDetail} post */
function feed(post) {
  const tags = [post.decision === "unchecked" && "unchecked", post.disputed && "disputed", post.outcome].filter(Boolean);
  const known = check?.text === post.text ? named(check.answer.language, language) : "";
  const item = make("li", {},
    make("p", { dir: "auto" }, post.text),
    make("p", { class: "about" }, known && make("span", { class: "tag" }, known),
      ...tags.map((tag) => make("span", { class: `tag ${tag}`, "data-tag": String(tag) }, say(String(tag))))));
  find("empty").hidden = true;
  find("feed").prepend(item);
  while (find("feed").children.length > 20) find("feed").lastElementChild?.remove();
}

composer.addEventListener("mahlan-check", ({ detail }) => {
  const body = {
    comment_id: detail.comment_id, revision: detail.revision, text: detail.text, author_key: author,
    offset_unit: "utf16", record: false, explain: true,
  };
  check = { ...detail, body };
  find("notice").hidden = true;
  show();
});
composer.addEventListener("mahlan-outcome", ({ detail }) => {
  outcomes = [...outcomes.slice(-50), { comment: detail.comment_id, outcome: detail.outcome }];
  show();
});
composer.addEventListener("mahlan-post", ({ detail }) => feed(detail));
composer.addEventListener("mahlan-error", ({ detail }) => {
  if (detail.status === 401 || detail.status === 403) find("keyed").hidden = false;
  find("notice").textContent = `${say("unanswered")} (${detail.status ?? detail.reason})`;
  find("notice").hidden = false;
});
find("key").addEventListener("input", () => composer.setAttribute("key", /** @type {HTMLInputElement} */ (find("key")).value.trim()));
for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => {
    language = LANGUAGES.find((tag) => tag === button.getAttribute("data-language")) ?? "arz";
    history.replaceState(null, "", language === "arz" ? location.pathname : `?lang=${language}`);
    translate();
  });
}
composer.setAttribute("author-key", author);
customElements.whenDefined("mahlan-composer").then(translate);
