/**
 * How far this client got and how far its reader read. Pure: numbers only rise, and are told together, not one by one.
 */

const EVERY_MS = 500;
const GATHER_MS = 250;

export class Receipts {
  #delivered = 0;
  #read = 0;
  #told = { delivered: 0, read: 0 };
  #sentAt = -Infinity;
  #newsAt = /** @type {number|null} */ (null);
  #spoken = true;

  /** @returns {number} The last seq that was read, here or elsewhere. */
  get read() {
    return this.#read;
  }

  /** Another conversation, or another life of this one. */
  reset() {
    this.#delivered = 0;
    this.#read = 0;
    this.#told = { delivered: 0, read: 0 };
    this.#newsAt = null;
  }

  /** An entry arrived. */
  arrived(seq, now) {
    if (seq <= this.#delivered) return;
    this.#delivered = seq;
    this.#news(now);
  }

  /**
   * The reader saw everything up to here.
   * @returns {boolean} Whether that is news.
   */
  seen(seq, now) {
    if (seq <= this.#read) return false;
    this.#read = seq;
    this.#delivered = Math.max(this.#delivered, seq);
    this.#news(now);
    return true;
  }

  /**
   * Another tab showed more and tells the server; told again with the next receipt, should that tab have gone.
   * @returns {boolean} Whether that is news.
   */
  elsewhere(read) {
    if (read <= this.#read) return false;
    this.#read = read;
    return true;
  }

  /**
   * The server knows more.
   * @returns {boolean} Whether that is news.
   */
  known(delivered, read) {
    this.#told = { delivered: Math.max(this.#told.delivered, delivered), read: Math.max(this.#told.read, read) };
    this.#delivered = Math.max(this.#delivered, delivered);
    return this.elsewhere(read);
  }

  /** The server does not know this frame. */
  unspoken() {
    this.#spoken = false;
  }

  /** A new connection: it may know the frame, and what was in flight may be lost. */
  connected(now) {
    this.#spoken = true;
    this.#told = { delivered: 0, read: 0 };
    if (this.#delivered) this.#news(now);
  }

  due() {
    if (!this.#spoken || this.#newsAt === null) return null;
    return Math.max(this.#newsAt + GATHER_MS, this.#sentAt + EVERY_MS);
  }

  /** The frame to send now, or null. */
  next(now) {
    const due = this.due();
    if (due === null || due > now) return null;
    this.#newsAt = null;
    const frame = { type: "receipt", delivered: undefined, read: undefined };
    if (this.#delivered > this.#told.delivered) frame.delivered = this.#delivered;
    if (this.#read > this.#told.read) frame.read = this.#read;
    if (!frame.delivered && !frame.read) return null;
    this.#told = { delivered: this.#delivered, read: this.#read };
    this.#sentAt = now;
    return frame;
  }

  #news(now) {
    this.#newsAt ??= now;
  }
}
