/**
 * Questions that wait for an answer across connections: history, ratings. Pure.
 *
 * Asked again under the same id after a reconnect, so the server may see one twice and answers it alike.
 */

export class Asks {
  /** @type {Map<string, object>} */
  #frames = new Map();

  /** @param {string} id @param {object} frame */
  add(id, frame) {
    this.#frames.set(id, frame);
  }

  /** @param {string|undefined} id @returns {boolean} Whether the question was open. */
  close(id) {
    return id !== undefined && this.#frames.delete(id);
  }

  /** Gives all up. @returns {string[]} Their ids. */
  clear() {
    const ids = [...this.#frames.keys()];
    this.#frames.clear();
    return ids;
  }

  /** @returns {object[]} What to ask (again), oldest first. */
  get open() {
    return [...this.#frames.values()];
  }
}
