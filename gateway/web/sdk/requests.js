/**
 * Promises for what the machine asks: they outlive a broken connection and end with an answer, a refusal or a timeout.
 */

import { StickerdeskError } from "./protocol.js";

const ANSWER_MS = 30_000;

export class Requests {
  /** @type {Map<string, {resolve: (frame: any) => void, reject: (error: Error) => void, timer: any}>} */
  #open = new Map();

  /** @param {string} id @returns {Promise<any>} */
  wait(id) {
    return new Promise((resolve, reject) => {
      const late = () => this.#end(id)?.reject(new StickerdeskError("TIMEOUT", "no answer; ask again"));
      this.#open.set(id, { resolve, reject, timer: setTimeout(late, ANSWER_MS) });
    });
  }

  /** @param {{id: string, frame: any}} answer */
  answered({ id, frame }) {
    this.#end(id)?.resolve(frame);
  }

  /** @param {{id: string, error: any}} refusal */
  refused({ id, error }) {
    this.#end(id)?.reject(new StickerdeskError(error.reason, error.message));
  }

  #end(id) {
    const request = this.#open.get(id);
    clearTimeout(request?.timer);
    this.#open.delete(id);
    return request;
  }
}
