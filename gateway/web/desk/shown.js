/**
 * The conversation that is shown: followed, taken, spoken in, handed back, left.
 */

import { prepare } from "../sdk/pictures.js";
import { call, deed, send, Stream } from "./api.js";
import { newId, Saying } from "./saying.js";
import { Thread } from "./thread.js";

const TYPING_MS = 3_000;

export class Shown {
  #pane;
  #board;
  #desk;
  #thread = /** @type {Thread|null} */ (null);
  #summary = /** @type {any} */ (null);
  #stream = /** @type {Stream|null} */ (null);
  #saying = new Saying((error, conversation, body) => this.#unsaid(error, conversation, body));
  #typedAt = 0;
  #read = new Map();
  #pictureIds = new WeakMap();

  /**
   * @param {import("./pane.js").Pane} pane
   * @param {import("./board.js").Board} board
   * @param {{context: any, who: () => any, recent: (conversation: string) => any, named: (conversation: string) => string|undefined,
   *   opened: (open: boolean) => void, live: (live: boolean) => void, refused: () => void, failed: (error: any) => void,
   *   moved: () => void, draw: () => void, changed: () => void}} desk
   *   `recent`: a conversation that is not on the board any more; `named`: whose it is, by the approvals; `moved`: one
   *   has left the board.
   */
  constructor(pane, board, desk) {
    this.#pane = pane;
    this.#board = board;
    this.#desk = desk;
  }

  get thread() {
    return this.#thread;
  }

  get conversation() {
    return this.#thread?.conversation ?? "";
  }

  /** What is known of it as a whole; null when nothing is shown. */
  get summary() {
    if (!this.#thread) return null;
    const { conversation } = this.#thread;
    const listed = this.#board.get(conversation);
    if (listed) this.#summary = listed;
    else if (this.#summary.agent || this.#summary.state === "handed_over") {
      this.#summary = this.#desk.recent(conversation) ?? { ...this.#summary, agent: undefined };
    }
    return this.#summary;
  }

  /** Whether it is this agent's to answer. */
  get mine() {
    const { summary } = this;
    return summary !== null && this.#board.isMine(summary) && summary.state === "handed_over";
  }

  /** Only lists know of conversations; an approval may name one that is in none. */
  open(conversation, one = this.#board.get(conversation)) {
    if (this.conversation === conversation) return;
    this.leave();
    this.#summary = one ?? this.#desk.recent(conversation) ?? this.#unlisted(conversation);
    const thread = new Thread(conversation, this.#desk.who().name, this.#desk.changed);
    this.#thread = thread;
    this.#pane.show(thread);
    this.#desk.opened(true);
    const events = { ...thread.events, caught_up: (data) => this.#caughtUp(thread, data) };
    this.#stream = new Stream(deed(conversation, "events"), events, { live: this.#desk.live, refused: this.#desk.refused });
    this.#desk.changed();
  }

  #unlisted(conversation) {
    const { context, named } = this.#desk;
    return { conversation, customer: "", name: named(conversation), language: context.language, state: "open", last_seq: 0 };
  }

  #caughtUp(thread, data) {
    thread.events.caught_up(data);
    requestAnimationFrame(() => {
      this.#desk.draw();
      this.#pane.log.settle();
      if (this.mine && matchMedia("(hover: hover)").matches) this.#pane.composer.field.focus();
    });
  }

  leave() {
    this.#stream?.close();
    this.#stream = null;
    this.#thread?.close();
    this.#thread = null;
    this.#summary = null;
    this.#pane.show(null);
    this.#desk.opened(false);
    this.#desk.changed();
  }

  /** @param {"take"|"hand-back"|"close"} what */
  async act(what) {
    const thread = this.#thread;
    if (!thread) return;
    this.#pane.say("");
    try {
      const { conversation } = await call("POST", deed(thread.conversation, what), {});
      if (conversation.state === "handed_over") this.#board.changed(conversation, Date.now());
      else this.#board.removed(conversation);
      if (this.#thread === thread) this.#summary = conversation;
      this.#desk.draw(); // what is not shown cannot be focused
      if (what === "take") this.#pane.composer.field.focus();
      else this.#desk.moved();
    } catch (error) {
      this.#desk.failed(error);
    }
    this.#desk.changed();
  }

  /** @param {{text: string} | {sticker: string}} content */
  say(content) {
    if (!this.#thread) return;
    this.#pane.say("");
    this.#pane.log.toEnd();
    this.#typedAt = 0;
    this.#saying.say(this.#thread.conversation, content);
  }

  /** Changes what was said, or takes it back. */
  revise(seq, revision) {
    if (this.#thread) this.#saying.revise(this.#thread.conversation, seq, revision);
  }

  /** A picture; the same picture again is said once. @param {Blob} file @param {AbortSignal} signal */
  async show(file, signal) {
    if (!this.#thread) return;
    const path = deed(this.#thread.conversation, "pictures");
    const picture = await prepare(file);
    const message_id = this.#pictureIds.get(file) ?? newId();
    this.#pictureIds.set(file, message_id);
    await send(`${path}?message_id=${message_id}`, picture, signal);
    this.#pane.log.toEnd();
  }

  /** What could not be said is in the field again, or where that is taken stands in the complaint. */
  #unsaid(error, conversation, { message_id, text }) {
    this.#desk.failed(error);
    if (!text || !this.#desk.who()) return;
    if (message_id && this.conversation === conversation && !this.#pane.composer.text) this.#pane.composer.text = text;
    else this.#pane.say(`${this.#pane.fault.textContent} ${this.#desk.context.words.notSent(text)}`.trim());
  }

  typed(text) {
    const active = text.trim() !== "";
    if (!this.#thread || (active && Date.now() - this.#typedAt < TYPING_MS)) return;
    this.#typedAt = active ? Date.now() : 0;
    void call("POST", deed(this.#thread.conversation, "typing"), { active }).catch(() => {});
  }

  seen(seq) {
    if (!this.#thread || document.hidden) return;
    const { conversation } = this.#thread;
    this.#board.seen(conversation, seq);
    if (!this.mine || seq <= (this.#read.get(conversation) ?? 0)) return;
    this.#read.set(conversation, seq);
    void call("POST", deed(conversation, "read"), { seq }).catch(() => {});
  }

  /** Asks for what was said before what is shown. */
  async earlier() {
    const thread = this.#thread;
    const before = thread?.transcript.more ?? null;
    if (!thread || before === null) return;
    const page = await call("GET", `${deed(thread.conversation, "entries")}?before=${before}`).catch(() => null);
    if (page) thread.earlier(before, page);
  }

  draw() {
    if (this.#thread) this.#pane.draw(this.#thread, this.summary, this.mine);
  }
}
