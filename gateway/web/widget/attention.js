/**
 * What was seen and what waits: an entry counts as read only in sight, in an open panel, on a page that is looked at.
 */

export class Attention {
  #look;
  #read;
  #sighted = 0;
  #title = /** @type {string|null} */ (null);

  /**
   * @param {{open: () => boolean, read: (seq: number) => void, look: () => void}} view `look` looks again at what is
   *   in sight, for it may have come while nobody looked.
   */
  constructor({ open, read, look }) {
    this.#look = look;
    this.#read = (seq) => open() && !document.hidden && read(seq);
    this.seen = () => !document.hidden && this.#look();
    document.addEventListener("visibilitychange", this.seen);
  }

  /** An entry is in sight. @param {number} seq */
  sighted(seq) {
    this.#sighted = Math.max(this.#sighted, seq);
    this.#read(this.#sighted);
  }

  /** The journal begins anew. */
  reset() {
    this.#sighted = 0;
  }

  /** The number of unread messages stands in the title of a page that is not looked at. @param {number} unread */
  mark(unread) {
    const waiting = document.hidden && unread > 0;
    if (waiting) {
      this.#title ??= document.title;
      document.title = `(${unread}) ${this.#title}`;
    } else if (this.#title !== null) {
      document.title = this.#title;
      this.#title = null;
    }
  }

  close() {
    document.removeEventListener("visibilitychange", this.seen);
    this.mark(0);
  }
}
