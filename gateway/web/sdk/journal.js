/**
 * Where the client stands in the journal, and the answers that are being written. Pure.
 *
 * Entries pass once and in order. Pieces of an answer are put together; a higher attempt begins the answer again.
 */

import { VOIDING_GAPS } from "./protocol.js";

export const Place = Object.freeze({ NEXT: "next", SEEN: "seen", HOLE: "hole" });

export class Journal {
  #void = false;
  /** @type {Map<string, {attempt: number, next: number, text: string}>} */
  #drafts = new Map();

  constructor() {
    this.epoch = "";
    this.lastSeq = 0;
  }

  /** Forgets everything: another conversation, or another life of this one. */
  reset() {
    this.epoch = "";
    this.lastSeq = 0;
    this.#void = false;
    this.#drafts.clear();
  }

  /**
   * The server told the epoch.
   * @param {string} epoch
   * @returns {boolean} Whether what was received before is void.
   */
  open(epoch) {
    const replaced = this.epoch !== "" && this.epoch !== epoch;
    if (replaced) this.reset();
    this.epoch = epoch;
    return replaced;
  }

  /**
   * Places an entry and, when it is the next, moves on.
   * @param {number} seq
   */
  entry(seq) {
    if (!this.#void) {
      if (seq <= this.lastSeq) return Place.SEEN;
      if (seq > this.lastSeq + 1) return Place.HOLE;
    }
    this.#void = false;
    this.lastSeq = seq;
    return Place.NEXT;
  }

  /**
   * Moves over entries that cannot be had.
   * @param {{from_seq: number, to_seq: number, reason: string}} gap
   * @returns {number|null} The last seq that stays true when later ones are void, else null.
   */
  gap(gap) {
    if (VOIDING_GAPS.has(gap.reason)) {
      this.#void = true;
      this.lastSeq = Math.max(0, gap.from_seq - 1);
      return this.lastSeq;
    }
    this.lastSeq = Math.max(this.lastSeq, gap.to_seq);
    return null;
  }

  /**
   * Adds a piece to an answer.
   * @param {{turn: string, attempt: number, index: number, text: string}} delta
   * @returns {string|null} The answer so far, or null when the piece does not belong.
   */
  delta({ turn, attempt, index, text }) {
    const draft = this.#drafts.get(turn);
    if (index === 0 && attempt >= (draft?.attempt ?? 0)) {
      this.#drafts.set(turn, { attempt, next: 1, text });
      return text;
    }
    if (!draft || attempt !== draft.attempt || index !== draft.next) return null;
    draft.next += 1;
    draft.text += text;
    return draft.text;
  }

  /**
   * An answer is complete or given up.
   * @param {string} turn
   * @returns {boolean} Whether any of it had been shown.
   */
  turnOver(turn) {
    return this.#drafts.delete(turn);
  }
}
