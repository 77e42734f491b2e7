/**
 * Stickers for what is being typed: one question at a time, the newest counts.
 */

import { lastOf } from "./protocol.js";

const TIMEOUT_MS = 4_000;

export class Suggesting {
  #asked = 0;
  /** @type {{id: string, done: (stickers: object[]|null) => void}|null} */
  #open = null;

  /** Nobody waits for the last answer any more. */
  supersede() {
    this.#open?.done(null);
  }

  /**
   * @param {string} text
   * @param {number|undefined} limit
   * @param {(frame: object) => void} send
   * @returns {Promise<object[]|null>} Best first; null when superseded or too late.
   */
  ask(text, limit, send) {
    this.supersede();
    const id = `s${(this.#asked += 1)}`;
    const answer = new Promise((resolve) => {
      const late = setTimeout(() => this.#open?.id === id && this.#open.done(null), TIMEOUT_MS);
      const done = (stickers) => {
        clearTimeout(late);
        this.#open = null;
        resolve(stickers);
      };
      this.#open = { id, done };
    });
    send({ type: "suggest", suggest_id: id, text: lastOf(text), limit });
    return answer;
  }

  /** @param {{suggest_id: string, stickers: object[]}} answer */
  answered({ suggest_id, stickers }) {
    if (this.#open?.id === suggest_id) this.#open.done(stickers);
  }
}
