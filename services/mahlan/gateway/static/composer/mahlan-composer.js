// @ts-check
// <mahlan-composer>: a comment box that asks its author to look again before a comment that may hurt goes out.
// It never blocks: no answer in time, no network, an unknown answer, and the comment is posted.
// One module, no build step. Docs: docs/composer.md. Types: mahlan-composer.d.ts. Apache-2.0.

/**
 * @typedef {import("./mahlan-composer.js").Wording} Wording
 * @typedef {import("./mahlan-composer.js").Answer} Answer
 * @typedef {{text: string, revision: number, answer: Answer, done: Set<string>, ended: boolean}} Nudge
 * @typedef {{id: string, revision: number, checked: string | null, answer: Answer | null, nudge: Nudge | null}} Draft
 * @typedef {import("./mahlan-composer.js").CreatorMessage} CreatorMessage
 * @typedef {HTMLTextAreaElement | HTMLInputElement} Field
 */

// The element's own few words; the campaign's come with the answer. The same for women and men.
const WORDS = {
  arz: {
    label: "التعليق", placeholder: "تعليق جديد…", post: "نشر", posted: "اتنشر", words: "الكلام زي ما اتكتب",
    message: "رسالة", from: "رسالة من", why: "شكرًا على التوضيح. إيه الأقرب؟ (اختياري)",
    not_hurtful: "الكلام مش جارح", misread: "الكلام اتفهم غلط", quoting: "ده كلام حد تاني",
    joke: "ده هزار بين صحاب", other: "حاجة تانية",
  },
  ar: {
    label: "التعليق", placeholder: "تعليق جديد…", post: "نشر", posted: "تم النشر", words: "الكلام كما كُتب",
    message: "رسالة", from: "رسالة من", why: "شكرًا على التوضيح. ما الأقرب؟ (اختياري)",
    not_hurtful: "الكلام ليس جارحًا", misread: "أُسيء فهم الكلام", quoting: "هذا كلام شخص آخر",
    joke: "مزاح بين أصدقاء", other: "شيء آخر",
  },
  "arz-Latn": {
    label: "El ta3le2", placeholder: "Ta3le2 gedid…", post: "Nashr", posted: "Etnashar", words: "El kalam zay ma etkatab",
    message: "Resala", from: "Resala men", why: "Shokran 3ala el tawdee7. Eh el a2rab? (ekhteyary)",
    not_hurtful: "El kalam mesh gare7", misread: "El kalam etfahem ghalat", quoting: "Da kalam 7ad tany",
    joke: "Da hezar ben so7ab", other: "7aga tanya",
  },
  en: {
    label: "Comment", placeholder: "Write a comment…", post: "Post", posted: "Posted", words: "Your words",
    message: "A message", from: "A message from", why: "Thanks, that helps. What fits best? (optional)",
    not_hurtful: "It isn't hurtful", misread: "It was misunderstood", quoting: "Someone else's words",
    joke: "A joke between friends", other: "Something else",
  },
};
const REASONS = /** @type {const} */ (["not_hurtful", "misread", "quoting", "joke", "other"]);

const LIGHT = `--_accent:var(--mahlan-accent,#0b6b61);--_on-accent:var(--mahlan-on-accent,#fff);
--_surface:var(--mahlan-surface,#fff);--_nudge:var(--mahlan-nudge,#f4f8f6);--_text:var(--mahlan-text,#17211f);
--_muted:var(--mahlan-muted,#52605c);--_border:var(--mahlan-border,#84928d);--_mark:var(--mahlan-mark,#ffe7a8);
--_mark-line:var(--mahlan-mark-line,#9a6a00);color-scheme:light;`;
const DARK = `--_accent:var(--mahlan-accent,#7fd6c8);--_on-accent:var(--mahlan-on-accent,#04211d);
--_surface:var(--mahlan-surface,#141b1a);--_nudge:var(--mahlan-nudge,#1b2523);--_text:var(--mahlan-text,#e8efec);
--_muted:var(--mahlan-muted,#a6b5b0);--_border:var(--mahlan-border,#6d7d78);--_mark:var(--mahlan-mark,#54430f);
--_mark-line:var(--mahlan-mark-line,#f0c14b);color-scheme:dark;`;
const CSS = `:host{${LIGHT}display:block;container-type:inline-size;color:var(--_text);
font:var(--mahlan-font,inherit);line-height:1.5;--_r:var(--mahlan-radius,.75rem);--_focus:var(--mahlan-focus,var(--_accent))}
@media (prefers-color-scheme:dark){:host(:not([theme=light])){${DARK}}}
:host([theme=dark]){${DARK}}
:host([hidden]),[hidden]{display:none!important}
*{box-sizing:border-box}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
textarea,::slotted(textarea){display:block;width:100%;box-sizing:border-box}
textarea{min-height:5.5em;padding:.75em .9em;font:inherit;line-height:1.7;color:inherit;background:var(--_surface);
border:1px solid var(--_border);border-radius:var(--_r);resize:vertical;field-sizing:content;max-height:60vh}
textarea::placeholder{color:var(--_muted);opacity:1}
.bar{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;justify-content:flex-end;margin-block-start:.5rem}
button{font:inherit;line-height:1.3;min-height:2.75rem;padding:.5em 1.1em;border-radius:var(--_r);cursor:pointer;
border:1px solid var(--_border);background:none;color:inherit}
button:hover{border-color:var(--_accent)}
.main{background:var(--_accent);color:var(--_on-accent);border-color:var(--_accent);font-weight:600}
.main:hover{filter:brightness(1.08)}
.plain{padding-inline:.5em;border-color:transparent;color:var(--_muted);text-decoration:underline;text-underline-offset:.25em}
[aria-disabled=true],:disabled{opacity:.6;cursor:default}
:focus-visible,label:has(:focus-visible){outline:3px solid var(--_focus);outline-offset:2px}
.nudge{margin-block-start:.6rem;padding:1rem 1.1rem;background:var(--_nudge);border:1px solid var(--_accent);border-radius:var(--_r);text-align:start;animation:in .18s ease-out}
@keyframes in{from{opacity:0;transform:translateY(-.3rem)}}
.ask{margin:0;font-size:1.12em;font-weight:600;line-height:1.65;text-wrap:pretty}
.cap{margin:.8rem 0 .2rem;font-size:.85em;color:var(--_muted)}
.echo{margin:0;padding:.5em .75em;max-height:9.5em;overflow:auto;background:var(--_surface);border-radius:calc(var(--_r)*.7);
line-height:1.8;white-space:pre-wrap;overflow-wrap:anywhere}
mark{background:var(--_mark);color:inherit;padding-block:.1em;border-radius:.2em;box-shadow:0 0 0 .1em var(--_mark);
text-decoration:underline 2px var(--_mark-line);text-underline-offset:.3em;-webkit-box-decoration-break:clone;box-decoration-break:clone}
.said{margin:0;white-space:pre-line}
a{display:inline-block;padding-block:.65em;color:inherit;font-weight:600}
p{margin:0}
img,video{display:block;max-width:100%;max-height:16rem;margin-block-start:.4rem;border-radius:calc(var(--_r)*.7)}
.acts{display:flex;flex-wrap:wrap;gap:.5rem;margin-block-start:1rem}
fieldset{margin:1rem 0 0;padding:0;border:0;min-width:0;display:flex;flex-wrap:wrap;gap:.4rem}
legend{padding:0;margin-block-end:.5rem;font-weight:600}
label.why{display:inline-flex;gap:.5em;align-items:center;min-height:2.75rem;padding:.25em .9em;cursor:pointer;
border:1px solid var(--_border);border-radius:99px;background:var(--_surface)}
input[type=radio]{margin:0;width:1.1em;height:1.1em;accent-color:var(--_accent);outline:none}
@container (max-width:28rem){.acts button{flex:1 1 auto}.acts .main{flex-basis:100%}}
@media (prefers-reduced-motion:reduce){.nudge{animation:none}}
@media (prefers-contrast:more){:host{--_border:currentColor;--_muted:currentColor}}
@media (forced-colors:active){mark{background:Mark;color:MarkText}.main{border:3px solid ButtonText}}`;

/** The form that a composer is sending on just now: its submit event passes. @type {HTMLFormElement | null} */
let passing = null;

/** An id; `crypto.randomUUID` is missing on pages without TLS. */
const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

/** For authors nobody named; never stored. */
const anonymous = "anon-" + newId();

/**
 * An element. Text only ever becomes text nodes, so nothing typed can become markup.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown>} [given] properties, or attributes where there is no such property
 * @param {(Node | string | null)[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
function make(tag, given = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name in node) /** @type {any} */ (node)[name] = value;
    else node.setAttribute(name, String(value));
  }
  node.append(.../** @type {(Node | string)[]} */ (children.filter((child) => child !== null)));
  return node;
}

/** The language of WORDS for a tag. @param {string} tag @returns {keyof typeof WORDS} */
function known(tag) {
  const low = tag.toLowerCase();
  if (/^(arz?|mixed)\b.*-latn/.test(low)) return "arz-Latn";
  if (/^(arz|ar-eg)\b/.test(low)) return "arz";
  return /^(ar|mixed)\b/.test(low) ? "ar" : "en";
}

/** Only addresses that can do nothing but load. @param {string | null} [url] */
function loadable(url) {
  try {
    const found = new URL(url || "", document.baseURI);
    return url && /^(https?|blob):$/.test(found.protocol) ? found.href : "";
  } catch {
    return "";
  }
}

/** Text with its spans in <mark>. Spans are [start, end) in UTF-16 code units. @param {string} text @param {number[][]} spans */
function marked(text, spans) {
  const parts = [];
  let at = 0;
  for (const [start, end] of [...spans].sort((a, b) => a[0] - b[0])) {
    if (!(start >= at && end > start && end <= text.length)) continue;
    parts.push(text.slice(at, start), make("mark", { part: "mark" }, text.slice(start, end)));
    at = end;
  }
  return [...parts, text.slice(at)];
}

/** An answer we can act on, or an error that names what is wrong with it. @param {any} got @returns {Answer} */
function understood(got) {
  const words = got?.wording;
  const complete = words && ["text", "edit", "send", "dispute"].every((name) => typeof words[name] === "string");
  if (typeof got?.decision !== "string" || (got.decision === "nudge" && !(complete && got.nudge_id))) throw new Failure("answer");
  return { ...got, spans: words?.marks !== false && Array.isArray(got.spans) ? got.spans.filter(Array.isArray) : [] };
}

/** Why there is no answer: `budget`, `offline`, `network`, `http` (with a status) or `answer`. */
class Failure extends Error {
  /** @param {string} reason @param {number} [status] */
  constructor(reason, status) {
    super(reason);
    this.reason = reason;
    this.status = status;
  }
}

const Base = typeof HTMLElement === "undefined" ? /** @type {typeof HTMLElement} */ (class {}) : HTMLElement;

export class MahlanComposer extends Base {
  static formAssociated = true;
  static observedAttributes = ["comment-id", "revision", "placeholder", "lang", "label", "required", "maxlength", "rows", "no-button"];

  #internals = this.attachInternals();
  #root = this.attachShadow({ mode: "open" });
  /** @type {HTMLFormElement | null} */ #form = null;
  /** @type {HTMLElement | null} */ #submitter = null;
  /** @type {CreatorMessage | null} */ #message = null;
  #draft = this.#fresh();
  #busy = false;
  #posting = false;
  /** A wrapped box that says nothing of its direction. @type {Field | null} */ #undirected = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #pause;
  /** @type {AbortController | null} */ #quiet = null;
  /** The last quiet answer, and the text it was for. @type {{text: string, answer: Answer} | null} */ #foreseen = null;

  #area = make("textarea", { part: "textarea", id: "text", dir: "auto" });
  #label = make("label", { class: "sr", htmlFor: "text" });
  #slot = make("slot");
  #panel = make("div", { class: "nudge", part: "nudge", role: "dialog", "aria-labelledby": "ask", "aria-describedby": "echo", hidden: true });
  #button = make("button", { class: "main", part: "button submit", type: "button" });
  #status = make("div", { class: "sr", role: "status" });
  #after = make("div", { role: "status" });

  constructor() {
    super();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    this.#root.adoptedStyleSheets = [sheet];
    const bar = make("div", { class: "bar", part: "bar" }, make("slot", { name: "tools" }), this.#button);
    this.#root.append(this.#label, this.#area, this.#slot, this.#panel, bar, this.#status, this.#after);
    this.#button.addEventListener("click", () => this.submit());
    this.#slot.addEventListener("slotchange", () => this.#arrange());
    // The reasons' radio buttons send input events too.
    this.addEventListener("input", (event) => { if (event.composedPath()[0] === this.field) this.#typed(); });
    this.addEventListener("keydown", (event) => this.#pressed(event));
    this.addEventListener("focusout", (event) => this.#left(event));
  }

  // ---- What the host page may set ----

  /** The author's text. */
  get value() { return this.field.value; }
  set value(text) { this.field.value = text; this.#typed(); }
  /** The text box: the wrapped one, or the element's own. @returns {Field} */
  get field() {
    for (const node of this.#slot.assignedElements()) {
      const found = node.matches("textarea,input") ? node : node.querySelector("textarea,input");
      if (found) return /** @type {Field} */ (found);
    }
    return this.#area;
  }
  get name() { return this.getAttribute("name") ?? ""; }
  get form() { return this.#internals.form; }
  /** Of the comment as it stands. */
  get commentId() { return this.#draft.id; }
  get revision() { return this.#draft.revision; }
  /** What a creator says with the nudge; `null` for nothing. @returns {CreatorMessage | null} */
  get creatorMessage() {
    const given = (/** @type {string} */ name) => this.getAttribute("creator-" + name) ?? undefined;
    return this.#message ?? {
      text: given("message"), name: given("name"), image: given("image"), alt: given("image-alt"),
      video: given("video"), captions: given("captions"), language: given("lang"),
    };
  }
  set creatorMessage(message) { this.#message = message; }
  /** Of the comment: `{reply_to: "own_thread"}`. @type {Record<string, unknown> | undefined} */
  context;
  /** Whether the nudge is open. */
  get nudging() { return !this.#panel.hidden; }

  // ---- What the author or the page can do ----

  /** Check, and post unless there is something to ask. While the nudge is open: post as it is. */
  submit() {
    if (this.#form) this.#form.requestSubmit();
    else this.#begin();
  }

  /** @param {FocusOptions} [options] */
  focus(options) { this.field.focus(options); }

  /** Close the nudge and go back to the words. */
  edit() {
    const first = this.#draft.nudge?.answer.spans[0];
    this.#close();
    this.field.focus();
    if (first) this.field.setSelectionRange(first[1], first[1]);
  }

  /** Post without another word. */
  postAnyway() { this.#close(); this.#post(); }

  /** "This was a mistake", told to the platform. @param {string} [reason] */
  dispute(reason = "other") { this.#report("disputed", reason); }

  /** Begin a new comment. A nudge that was left without an ending counts as cancelled. */
  reset() {
    this.#close();
    this.#end("cancelled");
    this.#area.value = "";
    this.#draft = this.#fresh();
    this.#typed();
  }

  // ---- Life in the page ----

  connectedCallback() {
    addEventListener("pagehide", this.#hidden);
    this.#arrange();
    // The rest of the form may come after us.
    requestAnimationFrame(() => this.#arrange());
  }

  disconnectedCallback() {
    removeEventListener("pagehide", this.#hidden);
    clearTimeout(this.#pause);
    this.#quiet?.abort();
    // Frameworks move elements: gone is what is still gone a moment later.
    queueMicrotask(() => { if (!this.isConnected) this.#end("cancelled"); });
  }

  attributeChangedCallback(/** @type {string} */ name) {
    if (name === "comment-id" && this.getAttribute(name) !== this.#draft.id) {
      this.#end("cancelled");
      this.#draft = this.#fresh();
    } else if (name === "revision" && this.#draft.checked === null) this.#draft.revision = Number(this.getAttribute(name)) || 0;
    this.#arrange();
  }

  formAssociatedCallback(/** @type {HTMLFormElement | null} */ form) {
    this.#form?.removeEventListener("submit", this.#submitted, true);
    this.#form = form;
    form?.addEventListener("submit", this.#submitted, true);
    this.#arrange();
  }

  formResetCallback() { this.reset(); }
  formDisabledCallback(/** @type {boolean} */ disabled) { this.#area.disabled = this.#button.disabled = disabled; }

  #hidden = () => {
    if (this.#draft.nudge && !this.#draft.nudge.ended) {
      // A radio button that was chosen and not sent on is still an answer.
      const reason = this.#reason();
      if (reason) this.#report("disputed", reason, true);
      // Not `ended`: a page that comes back from the browser's cache may still see the real ending.
      this.#report("cancelled", undefined, true);
    }
  };

  #submitted = (/** @type {SubmitEvent} */ event) => {
    if (passing === this.#form || !this.value.trim()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.#submitter = event.submitter;
    // Not at once: a form does not submit again while its submit event is under way.
    setTimeout(() => this.#begin());
  };

  /** Labels, roles and values that follow attributes, the page's language and what is wrapped. */
  #arrange() {
    const words = WORDS[known(this.closest("[lang]")?.getAttribute("lang") ?? "")];
    const own = this.field === this.#area;
    this.#label.hidden = this.#area.hidden = !own;
    this.#label.textContent = this.getAttribute("label") ?? words.label;
    this.#area.placeholder = this.getAttribute("placeholder") ?? words.placeholder;
    this.#area.required = this.hasAttribute("required");
    for (const name of ["rows", "maxlength"]) {
      const given = this.getAttribute(name);
      if (given === null) this.#area.removeAttribute(name);
      else this.#area.setAttribute(name, given);
    }
    this.#button.textContent = words.post;
    const others = "button:not([type=button],[type=reset]),input[type=submit]";
    // While we ask, the first button is the one that goes back to the words.
    this.#button.hidden = this.nudging || this.hasAttribute("no-button") || !!this.#form?.querySelector(others);
    if (!own && !this.field.hasAttribute("dir")) this.#undirected = this.field;
    this.#fill();
  }

  /** What a plain form carries: the text, and id and revision for the page's own publishing. */
  #fill() {
    const data = new FormData();
    const field = this.field;
    const own = field === this.#area;
    // Of an empty box `auto` would say left to right.
    if (own) field.dir = field.value ? "auto" : /^[ -~…]*$/.test(field.placeholder) ? "ltr" : "rtl";
    else if (this.#undirected === field) {
      if (field.value) field.dir = "auto";
      else field.removeAttribute("dir");
    }
    if (own && this.name) data.set(this.name, this.value);
    data.set("mahlan-comment-id", this.#draft.id);
    data.set("mahlan-revision", String(this.#draft.revision));
    this.#internals.setFormValue(data);
    const missing = own && this.#area.required && !this.value;
    if (missing) this.#internals.setValidity({ valueMissing: true }, this.#area.validationMessage || "…", this.#area);
    else this.#internals.setValidity({});
  }

  // ---- From submit to post ----

  /** @returns {Draft} */
  #fresh() {
    return { id: this.getAttribute("comment-id") || newId(), revision: Number(this.getAttribute("revision")) || 0, checked: null, answer: null, nudge: null };
  }

  async #begin() {
    const text = this.value;
    const draft = this.#draft;
    if (this.#busy || !text.trim()) return;
    this.#close();
    this.#after.replaceChildren();
    if (draft.checked === text && draft.answer) return this.#post();
    if (draft.checked !== null && draft.checked !== text) draft.revision++;
    draft.checked = text;
    draft.answer = null;
    // Nobody is asked twice about one comment, or waits for what a quiet check has seen.
    const seen = this.#foreseen?.text === text && this.#foreseen.answer.decision !== "nudge" ? this.#foreseen.answer : null;
    if (draft.nudge || seen) {
      draft.answer = seen;
      this.#ask(text, {}).then((late) => this.#support(late)).catch((error) => this.#failed(error, true));
      return this.#post();
    }
    this.#wait(true);
    draft.answer = await this.#inTime(text).catch((error) => this.#failed(error, false));
    this.#wait(false);
    if (draft !== this.#draft || !this.isConnected) return;
    if (draft.answer?.decision === "nudge") this.#nudge(draft.answer, text);
    else this.#post();
  }

  /** What is checked is what is posted. @param {boolean} busy */
  #wait(busy) {
    this.#busy = busy;
    const field = this.field;
    if (busy) {
      this.#locked = field.readOnly ? null : field;
      field.readOnly = true;
    } else if (this.#locked) this.#locked.readOnly = false;
    this.#button.setAttribute("aria-disabled", String(busy));
  }
  /** @type {Field | null} */ #locked = null;

  /** The answer, or a Failure once the budget is spent. @param {string} text @returns {Promise<Answer>} */
  async #inTime(text) {
    if (navigator.onLine === false) throw new Failure("offline");
    const stop = new AbortController();
    const given = Number(this.getAttribute("budget-ms") ?? 300);
    /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
    const over = new Promise((_, reject) => {
      timer = setTimeout(() => { reject(new Failure("budget")); stop.abort(); }, given >= 0 ? given : 300);
    });
    try {
      return /** @type {Answer} */ (await Promise.race([this.#ask(text, { signal: stop.signal }), over]));
    } finally {
      clearTimeout(timer);
    }
  }

  /** @param {string} text @param {{signal?: AbortSignal, quiet?: boolean, again?: boolean}} how @returns {Promise<Answer>} */
  async #ask(text, { signal, quiet = false, again = false }) {
    const draft = this.#draft;
    const body = {
      comment_id: draft.id, revision: draft.revision, text, offset_unit: "utf16", author_key: this.#author,
      surface: this.getAttribute("surface") ?? "comment", record: !quiet && !this.hasAttribute("preview"),
      ...(this.hasAttribute("explain") && { explain: true }), ...(this.context && { context: this.context }),
    };
    for (const name of ["language-hint", "thread-id", "parent-id"]) {
      const given = this.getAttribute(name);
      if (given) Object.assign(body, { [name.replace("-", "_")]: given });
    }
    const begun = performance.now();
    const got = await this.#send("/v1/checks", body, signal);
    if (got.status === 409 && !quiet && !again) {
      // Another text has this revision, perhaps from another tab.
      draft.revision++;
      return this.#ask(text, { signal, again: true });
    }
    if (!got.ok) throw new Failure("http", got.status);
    const answer = understood(await got.json().catch(() => null));
    if (!signal?.aborted) this.#tell("mahlan-check", { quiet, text, answer, comment_id: body.comment_id, revision: body.revision, milliseconds: performance.now() - begun });
    return answer;
  }

  /** @param {string} path @param {object} body @param {AbortSignal} [signal] */
  async #send(path, body, signal) {
    const text = JSON.stringify(body);
    const key = this.#key;
    return fetch(this.#endpoint + path, {
      method: "POST", headers: { "Content-Type": "application/json", ...(key && { "X-API-Key": key }) }, body: text, signal,
      credentials: "omit", cache: "no-store", keepalive: !signal && text.length < 20000,
    });
  }

  get #endpoint() { return (this.getAttribute("endpoint") ?? new URL(import.meta.url).origin).replace(/\/+$/, ""); }
  /** React and Vue keep the word `key` for themselves. */
  get #key() { return this.getAttribute("api-key") ?? this.getAttribute("key"); }
  get #author() { return this.getAttribute("author-key") || anonymous; }

  /** Fail open, and say why. @param {any} error @param {boolean} late whether the comment was posted without waiting */
  #failed(error, late) {
    const { reason, status } = error instanceof Failure ? error : new Failure("network");
    this.#tell("mahlan-error", { reason, status, late });
    return null;
  }

  #post() {
    const draft = this.#draft;
    const text = this.value;
    const nudge = draft.nudge;
    const ending = nudge && (text === nudge.text ? "sent_unchanged" : "revised");
    const detail = {
      text, decision: nudge ? "nudge" : draft.answer?.decision ?? "unchecked", revised: ending === "revised", outcome: ending,
      disputed: !!nudge?.done.has("disputed"), nudge_id: nudge?.answer.nudge_id ?? null, comment_id: draft.id, revision: draft.revision,
    };
    this.#fill();
    // The page may well reset its form while it takes the comment: that cancels nothing.
    this.#posting = true;
    const mine = this.#tell("mahlan-post", detail, true);
    const went = !mine || !this.#form || this.#pass(this.#form);
    this.#posting = false;
    if (!went) return;
    if (ending) this.#end(ending, draft);
    if (draft !== this.#draft) return;
    const named = this.hasAttribute("comment-id");
    this.#draft = named ? { ...draft, nudge: null } : this.#fresh();
    this.#foreseen = null;
    if (mine && !this.#form) this.#area.value = "";
    this.#fill();
    this.#status.textContent = WORDS[known(this.closest("[lang]")?.getAttribute("lang") ?? "")].posted;
    const words = ending === "revised" && nudge?.answer.wording;
    if (words && words.thanks) this.#say(words, "thanks", words.thanks);
    this.#support(draft.answer);
  }

  /** Whoever may be in danger is told who listens. @param {Answer | null} answer */
  #support(answer) {
    const words = answer?.support;
    if (words) this.#say(words, "support", words.text, ...words.help.map(({ name, phone, url }) => {
      const href = phone ? "tel:" + phone.replace(/[ -]/g, "").replace("#", "%23") : loadable(url);
      return make("p", {}, make("a", { href }, name, " ", make("bdi", {}, phone ?? "")));
    }));
  }

  /** Under the box. @param {Pick<Wording, "language" | "direction">} words @param {string} part @param {(Node | string)[]} said */
  #say(words, part, ...said) {
    this.#after.replaceChildren(make("div", { class: "nudge", part, lang: words.language, dir: words.direction }, ...said));
  }

  /** Whether the form went on: another field may be invalid. @param {HTMLFormElement} form */
  #pass(form) {
    let went = false;
    const see = () => { went = true; };
    form.addEventListener("submit", see, { capture: true, once: true });
    passing = form;
    try {
      form.requestSubmit(this.#submitter?.isConnected ? this.#submitter : null);
    } finally {
      passing = null;
      form.removeEventListener("submit", see, true);
    }
    return went;
  }

  // ---- The nudge ----

  /** @param {Answer} answer @param {string} text */
  #nudge(answer, text) {
    this.#draft.nudge = { text, answer, revision: this.#draft.revision, done: new Set(), ended: false };
    // A page that prevents this shows its own.
    if (this.#tell("mahlan-nudge", { text, answer }, true)) this.#show(answer, text);
    this.#report("shown");
  }

  /** @param {Answer} answer @param {string} text */
  #show(answer, text) {
    const words = /** @type {Wording} */ (answer.wording);
    const own = WORDS[known(words.language)];
    const card = words.lesson;
    const more = loadable(card?.url);
    const lesson = card ? make("p", { class: "said", part: "lesson" }, make("a", more ? { href: more } : {}, card.title), "\n" + card.text) : "";
    const panel = this.#panel;
    panel.lang = words.language;
    panel.dir = words.direction === "rtl" ? "rtl" : "ltr";
    const echo = make("blockquote", { class: "echo", part: "echo", id: "echo", dir: "auto", lang: answer.language ?? "" }, ...marked(text, answer.spans));
    const edit = make("button", { type: "button", class: "main", part: "button edit" }, words.edit);
    const send = make("button", { type: "button", part: "button send" }, words.send);
    const dispute = make("button", { type: "button", class: "plain", part: "button dispute", "aria-expanded": "false" }, words.dispute);
    const acts = make("div", { class: "acts", part: "actions" }, edit, send, dispute);
    edit.addEventListener("click", () => this.edit());
    send.addEventListener("click", () => this.postAnyway());
    dispute.addEventListener("click", () => {
      dispute.remove();
      // The author has said it: from here posting is the first button.
      send.className = "main";
      edit.className = "";
      acts.prepend(send);
      acts.before(this.#reasons(own));
      panel.querySelector("input")?.focus();
    });
    panel.replaceChildren(
      make("p", { class: "ask", part: "question", id: "ask" }, words.text),
      make("p", { class: "cap", part: "caption", id: "cap" }, own.words), echo, ...this.#creator(own, words), lesson, acts,
    );
    panel.hidden = false;
    this.#button.hidden = true;
    if (echo.scrollHeight > echo.clientHeight) {
      // What scrolls must be reachable by keyboard.
      echo.tabIndex = 0;
      echo.setAttribute("role", "group");
      echo.setAttribute("aria-labelledby", "cap");
      const first = echo.querySelector("mark");
      if (first) echo.scrollTop = first.offsetTop - echo.offsetTop - 20;
    }
    edit.focus({ preventScroll: true });
    panel.scrollIntoView({ block: "nearest" });
  }

  /** @param {typeof WORDS.en} own */
  #reasons(own) {
    const choices = REASONS.map((value) => make("label", { class: "why", part: "reason" }, make("input", { type: "radio", name: "why", value }), own[value]));
    return make("fieldset", { part: "reasons" }, make("legend", {}, own.why), ...choices);
  }

  /** What a creator says: text, an image, a video with captions; the page's own first. @param {typeof WORDS.en} own @param {Wording} words @returns {HTMLElement[]} */
  #creator(own, { creator }) {
    let said = this.creatorMessage ?? {};
    if (creator && !said.text && !said.image && !said.video) said = { ...creator, image: creator.image_url, video: creator.video_url, captions: creator.captions_url };
    const image = loadable(said.image);
    const video = loadable(said.video);
    const captions = loadable(said.captions);
    if (video && !captions) this.#tell("mahlan-error", { reason: "captions", late: false });
    const shown = [];
    if (said.text) shown.push(make("p", { class: "said", dir: "auto" }, said.text));
    if (video && captions) {
      const track = make("track", { kind: "captions", src: captions, srclang: said.language ?? this.#panel.lang, default: true });
      const film = make("video", { controls: true, preload: "metadata", playsInline: true, "aria-label": said.name ?? own.message, ...(image && { poster: image }) });
      // Captions from another host are only read when they are asked for across origins.
      if (new URL(captions).origin !== location.origin) film.crossOrigin = "anonymous";
      film.append(track);
      film.src = video;
      shown.push(film);
    } else if (image) shown.push(make("img", { src: image, alt: said.alt ?? "", decoding: "async", referrerPolicy: "no-referrer" }));
    if (!shown.length) return [];
    const caption = make("figcaption", { class: "cap", part: "caption" }, said.name ? `${own.from} ${said.name}` : own.message);
    const figure = make("figure", { part: "message", class: "said" }, caption, ...shown);
    if (said.language) shown.forEach((node) => { node.lang = said.language ?? ""; });
    return [figure];
  }

  #reason() {
    const asked = this.#panel.querySelector("fieldset");
    return asked && (asked.querySelector("input:checked")?.getAttribute("value") ?? "other");
  }

  /** Whatever the author does after "this was a mistake", it is told. */
  #close() {
    const reason = this.#reason();
    if (reason) this.dispute(reason);
    // The focus must not be lost with the button it is on.
    if (this.#panel.contains(this.#root.activeElement)) this.field.focus({ preventScroll: true });
    this.#panel.hidden = true;
    this.#panel.replaceChildren();
    this.#arrange();
  }

  // ---- Typing and leaving ----

  #typed() {
    // Somebody who goes on writing has chosen to edit.
    if (this.nudging) this.#close();
    this.#fill();
    this.#status.textContent = "";
    clearTimeout(this.#pause);
    this.#quiet?.abort();
    if (this.hasAttribute("while-typing") && this.value.trim().length > 2) this.#pause = setTimeout(() => this.#lookAhead(), 700);
  }

  /** Recorded nowhere, shown nowhere: a comment that needs no question then goes out at once. */
  async #lookAhead() {
    if (this.#busy || this.#draft.nudge || navigator.onLine === false) return;
    const text = this.value;
    this.#quiet = new AbortController();
    const answer = await this.#ask(text, { signal: this.#quiet.signal, quiet: true }).catch(() => null);
    this.#foreseen = answer && { text, answer };
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.isComposing) return;
    if (event.key === "Escape" && this.nudging) {
      event.preventDefault();
      event.stopPropagation();
      this.edit();
    } else if (event.key === "Enter" && !event.repeat && (event.ctrlKey || event.metaKey) && event.composedPath().includes(this.field)) {
      event.preventDefault();
      this.submit();
    }
  }

  /** @param {FocusEvent} event */
  #left(event) {
    const inside = event.relatedTarget instanceof Node && this.contains(event.relatedTarget);
    // Emptied and walked away from: the comment was not sent.
    if (!inside && !this.nudging && this.#draft.nudge && !this.value.trim()) this.reset();
  }

  // ---- Telling ----

  /** A nudge ends once: revised, cancelled or sent_unchanged. @param {string} outcome */
  #end(outcome, draft = this.#draft) {
    const nudge = draft.nudge;
    if (!nudge || nudge.ended || (this.#posting && outcome === "cancelled")) return;
    this.#report(outcome, undefined, false, draft);
    nudge.ended = true;
  }

  /** Each outcome is told once. @param {string} outcome @param {string} [reason] @param {boolean} [leaving] the page is going away */
  #report(outcome, reason, leaving = false, draft = this.#draft) {
    const nudge = draft.nudge;
    if (!nudge || nudge.done.has(outcome)) return;
    nudge.done.add(outcome);
    // No time: the gateway's clock is right, the author's may not be.
    const body = { outcome, comment_id: draft.id, revision: nudge.revision, author_key: this.#author, ...(reason && { reason }) };
    const path = `/v1/nudges/${encodeURIComponent(nudge.answer.nudge_id)}/outcomes`;
    this.#tell("mahlan-outcome", { ...body, nudge_id: nudge.answer.nudge_id });
    if (this.hasAttribute("preview")) return;
    if (leaving) {
      // A beacon can carry no header, and only plain text without asking first.
      const key = this.#key;
      navigator.sendBeacon?.(this.#endpoint + path + (key ? `?key=${encodeURIComponent(key)}` : ""), new Blob([JSON.stringify(body)], { type: "text/plain" }));
      return;
    }
    this.#send(path, body).then(
      (got) => { if (!got.ok) this.#failed(new Failure("http", got.status), true); },
      (error) => this.#failed(error, true),
    );
  }

  /** Whether the page let it happen. @param {string} name @param {object} detail @param {boolean} [cancelable] */
  #tell(name, detail, cancelable = false) {
    return this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable }));
  }
}

// An older browser keeps the wrapped text box and its form as they are.
if (typeof customElements !== "undefined" && "adoptedStyleSheets" in Document.prototype && "attachInternals" in HTMLElement.prototype && !customElements.get("mahlan-composer")) {
  customElements.define("mahlan-composer", MahlanComposer);
}
