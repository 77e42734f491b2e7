/**
 * One conversation as it goes on: the widget's transcript, seen from the shop's side. Pure but for the stream.
 */

import { Transcript } from "../widget/transcript.js";

const TYPING_SHOWN_MS = 8_000;

export class Thread {
  #read = 0;
  #quiet = /** @type {any} */ (0);
  #changed;
  #me;

  /** @param {string} conversation @param {string} me The agent's name. @param {() => void} changed */
  constructor(conversation, me, changed) {
    this.conversation = conversation;
    this.transcript = new Transcript();
    this.lastSeq = 0;
    this.loaded = false;
    this.hint = /** @type {any} */ (null);
    this.#me = me;
    this.#changed = changed;
  }

  /** What the stream's events do. @returns {Record<string, (data: any) => void>} */
  get events() {
    const { transcript } = this;
    const acts = {
      opened: () => {},
      gap: (gap) => (gap.reason === "epoch_changed" ? transcript.reset() : transcript.gap(gap)),
      entry: (entry) => this.#entry(entry),
      caught_up: () => (this.loaded = true),
      typing: (typing) => this.#typing(typing),
      receipt: (receipt) => this.#receipt(receipt),
      delta: (delta) => transcript.draft({ turn: delta.turn, text: this.#drafted(delta) }),
      turn_ended: ({ turn }) => transcript.turnOver(turn),
      hint: (hint) => (this.hint = hint),
    };
    return Object.fromEntries(Object.entries(acts).map(([name, act]) => [name, (data) => {
      act(data);
      this.#changed();
    }]));
  }

  #drafts = new Map();

  #drafted({ turn, text, index }) {
    const whole = index === 0 ? text : (this.#drafts.get(turn) ?? "") + text;
    this.#drafts.set(turn, whole);
    return whole;
  }

  #entry(entry) {
    this.lastSeq = Math.max(this.lastSeq, entry.seq);
    this.transcript.entry({ ...entry, replayed: !this.loaded });
    if (entry.author === "customer") this.transcript.typing({ author: "customer", active: false });
    if (entry.author === "agent" && entry.seq > (this.hint?.seq ?? 0)) this.hint = null;
  }

  /** A customer who stops typing may not say so. */
  #typing(typing) {
    this.transcript.typing(typing);
    clearTimeout(this.#quiet);
    if (typing.active && !typing.turn) this.#quiet = setTimeout(() => {
      this.transcript.typing({ ...typing, active: false });
      this.#changed();
    }, TYPING_SHOWN_MS);
  }

  #receipt({ reader, read }) {
    if (reader === "customer") this.#read = Math.max(this.#read, read);
  }

  /** Entries from before what is shown. @param {number} before @param {any} page */
  earlier(before, page) {
    this.transcript.earlier(before, page);
    this.#changed();
  }

  /** Rows with what the customer has read of ours, and what the agent may still change. @param {boolean} mine */
  rows(mine) {
    return this.transcript.rows().map((row) => {
      if (row.kind !== "message" || row.data.author !== "agent") return row;
      const mark = row.data.seq <= this.#read ? "read" : "delivered";
      const own = mine && row.data.agent === this.#me;
      return { ...row, data: { ...row.data, mark, own }, signature: `${row.signature}|${mark}|${own}` };
    });
  }

  close() {
    clearTimeout(this.#quiet);
  }
}
