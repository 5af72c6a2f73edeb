/** Types of <mahlan-composer>. Attributes, events, parts and theming are described in docs/composer.md. */

export type Decision = "none" | "nudge" | "holdout" | "suppress";
export type Outcome = "shown" | "revised" | "cancelled" | "sent_unchanged" | "disputed";
export type Reason = "not_hurtful" | "misread" | "quoting" | "joke" | "other";

/** The campaign's words for one nudge, in the author's language. */
export interface Wording {
  text: string;
  edit: string;
  send: string;
  dispute: string;
  language: string;
  direction: "rtl" | "ltr";
  /** The way of asking that the campaign tries with this author. */
  arm?: "plain" | "highlight" | "norm" | "creator";
  /** `false`: this way of asking marks no words. */
  marks?: boolean;
  /** A creator's message; the page's own goes before it. */
  creator?: Creator | null;
  /** Shown under the box when the author has revised. */
  thanks?: string;
  /** A small card for somebody who was asked often of late. */
  lesson?: { title: string; text: string; url?: string | null } | null;
}

/** A creator's message as the campaign has it. */
export interface Creator {
  id: string;
  language: string;
  text: string;
  name?: string;
  video_url?: string | null;
  captions_url?: string | null;
  image_url?: string | null;
  alt?: string;
}

/** For an author who may be in danger: shown under the box once the comment is posted. */
export interface Support {
  language: string;
  direction: "rtl" | "ltr";
  text: string;
  help: { name: string; phone?: string | null; url?: string | null }[];
}

/** What `POST /v1/checks` answered; it may hold more than is named here. */
export interface Answer {
  decision: Decision;
  reason: string;
  nudge_id: string;
  language?: string;
  /** `[start, end)` in UTF-16 code units of the text: what `String.prototype.slice` takes. */
  spans: [number, number][];
  wording: Wording | null;
  support?: Support | null;
  [more: string]: unknown;
}

/** What a creator says with the nudge. A video is shown only with captions. */
export interface CreatorMessage {
  text?: string;
  /** Who says it. */
  name?: string;
  image?: string | null;
  /** What the image shows, for those who do not see it. */
  alt?: string;
  video?: string | null;
  /** A WebVTT file. */
  captions?: string | null;
  /** BCP 47 tag of the message. */
  language?: string;
}

export interface CheckDetail {
  /** Asked while typing: recorded nowhere and shown nowhere. */
  quiet: boolean;
  text: string;
  answer: Answer;
  comment_id: string;
  revision: number;
  /** From the browser to the gateway and back. */
  milliseconds: number;
}

export interface NudgeDetail {
  text: string;
  answer: Answer;
}

export interface PostDetail {
  text: string;
  /** `unchecked`: there was no answer in time. `nudge`: this comment's author was asked, perhaps about other words. */
  decision: Decision | "unchecked";
  /** The words changed after the nudge. */
  revised: boolean;
  outcome: "revised" | "sent_unchanged" | null;
  disputed: boolean;
  nudge_id: string | null;
  comment_id: string;
  revision: number;
}

export interface OutcomeDetail {
  outcome: Outcome;
  reason?: Reason;
  nudge_id: string;
  comment_id: string;
  revision: number;
  author_key: string;
}

export interface ErrorDetail {
  /** `captions`: a creator's video was left out since it has none. The others: why there was no answer. */
  reason: "budget" | "offline" | "network" | "http" | "answer" | "captions";
  /** The HTTP status, where the reason is `http`. */
  status?: number;
  /** Nobody waited for this: the comment had been posted, or it was an outcome. */
  late: boolean;
}

export interface MahlanEventMap {
  "mahlan-check": CustomEvent<CheckDetail>;
  /** Cancelable: the page shows its own nudge and calls `edit`, `postAnyway` or `dispute`. */
  "mahlan-nudge": CustomEvent<NudgeDetail>;
  /** Cancelable: the page has posted the comment itself; neither is the form sent nor the field emptied. */
  "mahlan-post": CustomEvent<PostDetail>;
  "mahlan-outcome": CustomEvent<OutcomeDetail>;
  "mahlan-error": CustomEvent<ErrorDetail>;
}

export class MahlanComposer extends HTMLElement {
  static readonly formAssociated: true;
  /** The author's text. */
  value: string;
  /** The text box: the wrapped one, or the element's own. */
  readonly field: HTMLTextAreaElement | HTMLInputElement;
  readonly name: string;
  readonly form: HTMLFormElement | null;
  /** The id and revision under which the text was checked last, for the page's own publishing. */
  readonly commentId: string;
  readonly revision: number;
  /** Whether the nudge is open. */
  readonly nudging: boolean;
  creatorMessage: CreatorMessage | null;
  /** Passed to the gateway as it is: `{ reply_to: "own_thread" }`. */
  context: { reply_to?: "nobody" | "own_thread" | "mutual" | "stranger" } | undefined;
  /** Check, and post unless there is something to ask. While the nudge is open: post as it is. */
  submit(): void;
  /** Close the nudge and go back to the words. */
  edit(): void;
  /** Post without another word. */
  postAnyway(): void;
  /** "This was a mistake": told to the platform, nothing else happens. */
  dispute(reason?: Reason): void;
  /** Begin a new comment. */
  reset(): void;

  addEventListener<K extends keyof MahlanEventMap>(
    type: K, listener: (this: MahlanComposer, event: MahlanEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener<K extends keyof HTMLElementEventMap>(
    type: K, listener: (this: MahlanComposer, event: HTMLElementEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "mahlan-composer": MahlanComposer;
  }
  interface GlobalEventHandlersEventMap extends MahlanEventMap {}
}
