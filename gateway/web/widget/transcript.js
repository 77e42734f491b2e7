/**
 * The conversation as rows to draw. Pure: events go in, rows come out.
 *
 * The order is the journal's: entries, then messages on their way, then answers that are being written.
 */

import { dayKey } from "./format.js";

/**
 * @typedef {object} Row
 * @property {string} key Stays the same while a message becomes an entry and a draft becomes an answer.
 * @property {"day"|"gap"|"notice"|"message"|"draft"|"typing"} kind
 * @property {any} data
 * @property {boolean} first Whether it begins a group of one author.
 * @property {boolean} last Whether it ends one.
 * @property {boolean} fresh Whether it is the last word, so that its quick replies are still of use.
 * @property {string} signature Changes when the row must be drawn anew.
 */

export class Transcript {
  /** @type {Map<number, any>} */
  #entries = new Map();
  /** @type {Map<string, any>} */
  #pending = new Map();
  /** @type {Map<string, string>} */
  #drafts = new Map();
  /** @type {Map<string, any>} */
  #typing = new Map();
  /** @type {Map<string, number|null>} For a turn that was drafted, the entry that took the draft's place. */
  #drafted = new Map();
  /** @type {Map<string, any>} What answers understood in the pictures of their turns. */
  #understood = new Map();
  /** @type {Map<number, any>} By the last seq that is missing. */
  #gaps = new Map();
  /** @type {Map<number, any>} What became of entries, by their seq; the last word counts. */
  #revisions = new Map();
  /** How far the others got in what the customer wrote. */
  #reached = { delivered: 0, read: 0 };

  /**
   * Forgets what came from the server after `keep`; messages on their way stay.
   * @param {number} keep
   */
  reset(keep = 0) {
    for (const kept of [this.#entries, this.#gaps, this.#revisions]) for (const seq of kept.keys()) if (seq > keep) kept.delete(seq);
    this.#drafts.clear();
    this.#typing.clear();
    if (keep === 0) this.#reached = { delivered: 0, read: 0 };
    for (const [id, message] of this.#pending) if (message.status === "sent") this.#pending.delete(id);
  }

  get empty() {
    return this.#entries.size === 0 && this.#pending.size === 0;
  }

  /** The turn whose answer is awaited or being written, if any. */
  get turn() {
    const drafted = [...this.#drafts.keys()].at(-1);
    return drafted ?? [...this.#typing.values()].find((typing) => typing.turn)?.turn ?? null;
  }

  entry(entry) {
    if (entry.revision) return void this.#revise(entry);
    if (entry.client_msg_id) this.#pending.delete(entry.client_msg_id);
    this.#entries.set(entry.seq, { ...entry, time: Date.parse(entry.at) });
    if (entry.picture_understood) this.#understood.set(entry.turn, entry.picture_understood);
    if (entry.author === "assistant" && !entry.notice && this.#drafted.get(entry.turn) === null) {
      this.#drafted.set(entry.turn, entry.seq);
    }
    if (entry.author !== "customer") {
      this.#typing.delete(entry.author);
      if (entry.turn) this.turnOver(entry.turn);
    }
  }

  /** Somebody got so far. @param {{reader: string, delivered: number, read: number}} receipt */
  receipt({ reader, delivered, read }) {
    if (reader === "customer") return;
    this.#reached = { delivered: Math.max(this.#reached.delivered, delivered), read: Math.max(this.#reached.read, read) };
  }

  /**
   * Entries from before what is shown.
   * @param {number} before
   * @param {{entries: any[], has_more: boolean}} page
   */
  earlier(before, { entries, has_more }) {
    for (const seq of this.#gaps.keys()) if (seq < before) this.#gaps.delete(seq);
    for (const entry of entries) this.entry(entry);
    const first = entries[0]?.seq ?? before;
    if (has_more && first > 1) this.gap({ from_seq: 1, to_seq: first - 1, reason: "replay_limit" });
    else if (first > 1) this.gap({ from_seq: 1, to_seq: first - 1, reason: "history_trimmed" });
  }

  /** The entry before which more can be asked for, null when there is none. */
  get more() {
    const gap = [...this.#gaps.values()].find(({ reason }) => reason === "replay_limit");
    return gap ? gap.to_seq + 1 : null;
  }

  /** Entries of others after a seq. @param {number} seq */
  since(seq) {
    return [...this.#entries.values()].filter((entry) => entry.seq > seq && entry.author !== "customer").length;
  }

  draft({ turn, text }) {
    this.#drafts.set(turn, text);
    if (!this.#drafted.has(turn)) this.#drafted.set(turn, null);
  }

  turnOver(turn) {
    this.#drafts.delete(turn);
    for (const [author, typing] of this.#typing) if (typing.turn === turn) this.#typing.delete(author);
  }

  message(message) {
    const shown = [...this.#entries.values()].some((entry) => entry.client_msg_id === message.client_msg_id);
    if (!shown) this.#pending.set(message.client_msg_id, message);
  }

  discard(id) {
    this.#pending.delete(id);
  }

  typing({ author, active, turn }) {
    if (active) this.#typing.set(author, { author, turn });
    else this.#typing.delete(author);
  }

  gap(gap) {
    this.#gaps.set(gap.to_seq, { ...gap, seq: gap.to_seq });
  }

  /** Nothing ephemeral outlives its connection. */
  disconnected() {
    this.#typing.clear();
  }

  /** @returns {Row[]} */
  rows() {
    const spoken = [...this.#spoken()];
    const rows = [];
    let day = "";
    spoken.forEach((row, place) => {
      if (row.kind === "gap") return void rows.push(plain("gap", row.key, row.data));
      const today = dayKey(row.data.time);
      if (today !== day) rows.push(plain("day", `day:${today}`, { time: row.data.time }));
      const before = today === day ? spoken[place - 1] : undefined;
      day = today;
      return void rows.push(grouped(row, before, spoken[place + 1]));
    });
    const last = rows.at(-1);
    if (last && this.turn === null) last.fresh = true;
    return [...rows, ...this.#coming()].map(signed);
  }

  *#spoken() {
    const told = [...this.#entries.values(), ...this.#gaps.values()].sort((a, b) => a.seq - b.seq);
    for (const entry of told) {
      if ("from_seq" in entry) yield { key: `gap:${entry.seq}`, kind: "gap", data: entry };
      else yield { key: this.#key(entry), kind: entry.notice ? "notice" : "message", data: this.#shown(entry) };
    }
    for (const message of this.#pending.values()) {
      const data = { ...message, author: "customer", time: message.at };
      yield { key: `m:${message.client_msg_id}`, kind: "message", data };
    }
  }

  *#coming() {
    for (const [turn, text] of this.#drafts) yield plain("draft", `t:${turn}`, { turn, text, author: "assistant" });
    for (const typing of this.#typing.values()) {
      if (!this.#drafts.has(typing.turn)) yield plain("typing", `typing:${typing.author}`, typing);
    }
  }

  /** As it stands now: changed or taken back, seen or not, and called by what is known of it. */
  #shown(entry) {
    const shown = revised(this.#named(entry), this.#revisions.get(entry.seq));
    return entry.author === "customer" ? { ...shown, mark: this.#mark(entry.seq) } : shown;
  }

  #mark(seq) {
    if (seq <= this.#reached.read) return "read";
    return seq <= this.#reached.delivered ? "delivered" : "sent";
  }

  #revise({ seq, revision }) {
    const known = this.#revisions.get(revision.target);
    if (!known || known.seq < seq) this.#revisions.set(revision.target, { ...revision, seq });
  }

  /** A picture is called by what its answer saw in it. */
  #named(entry) {
    const understood = entry.image && this.#understood.get(entry.turn);
    return understood ? { ...entry, understood, image: { ...entry.image, ...understood } } : entry;
  }

  #key(entry) {
    if (entry.client_msg_id) return `m:${entry.client_msg_id}`;
    return this.#drafted.get(entry.turn) === entry.seq ? `t:${entry.turn}` : `e:${entry.seq}`;
  }
}

function revised(entry, revision) {
  if (!revision) return entry;
  if (revision.kind === "edited") return { ...entry, text: revision.text, edited: true };
  const { seq, at, time, author, turn, client_msg_id } = entry;
  return { seq, at, time, author, turn, client_msg_id, retracted: true };
}

function plain(kind, key, data) {
  return { kind, key, data, first: true, last: true, fresh: false, signature: "" };
}

const sameGroup = (a, b) =>
  a !== undefined && b !== undefined && a.kind === "message" && b.kind === "message" && a.data.author === b.data.author &&
  Math.abs(a.data.time - b.data.time) < 5 * 60_000 && dayKey(a.data.time) === dayKey(b.data.time);

function grouped(row, before, after) {
  return { ...row, first: !sameGroup(before, row), last: !sameGroup(row, after), fresh: false, signature: "" };
}

function signed(row) {
  const { data } = row;
  const said = [row.kind, data.seq ?? "", data.status ?? "", data.reason ?? "", data.time ?? "", data.turn ?? "", Boolean(data.understood),
    data.mark ?? "", data.retracted ?? "", data.edited ? data.text : "", row.kind === "gap" ? data.waiting ?? "" : ""];
  return { ...row, signature: [...said, row.first, row.last, row.fresh].join("|") };
}
