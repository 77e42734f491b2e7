/**
 * What an agent says and changes, one after the other, so that what was written first arrives first.
 */

import { call, deed } from "./api.js";

const TRIES = 4;
const AGAIN_MS = 400;
const PASSING = [0, 429, 503, 504];

export class Saying {
  #queue = Promise.resolve();
  #failed;

  /** @param {(error: any, conversation: string, body: any) => void} failed Told what did not arrive. */
  constructor(failed) {
    this.#failed = failed;
  }

  /** @param {string} conversation @param {{text?: string, sticker?: string}} content */
  say(conversation, content) {
    this.#later(conversation, "say", { message_id: newId(), ...content });
  }

  /**
   * Another text for what was said, or its taking back.
   * @param {string} conversation @param {number} seq @param {{kind: "edited"|"retracted", text?: string}} revision
   */
  revise(conversation, seq, revision) {
    this.#later(conversation, `entries/${seq}/revisions`, { revision_id: newId(), ...revision });
  }

  #later(conversation, what, body) {
    this.#queue = this.#queue.then(() => this.#deliver(conversation, what, body));
  }

  /** It keeps its id over tries: it is said once, however often it was sent. */
  async #deliver(conversation, what, body) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return void (await call("POST", deed(conversation, what), body));
      } catch (error) {
        if (attempt === TRIES || !PASSING.includes(/** @type {any} */ (error).status)) return this.#failed(error, conversation, body);
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS * 2 ** (attempt - 1)));
      }
    }
  }
}

/** A new message's name. */
export const newId = () => crypto.randomUUID?.() ?? `m${Date.now()}.${Math.random().toString(36).slice(2)}`;
