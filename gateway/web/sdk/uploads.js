/**
 * Pictures over the socket: pieces in order, from where the server has them; a broken connection only pauses them.
 *
 * What the server acknowledged bounds what is sent ahead, so that a slow network neither fills memory nor delays words.
 */

import { StickerdeskError } from "./protocol.js";

const WINDOW_BYTES = 512 * 1024; // sent beyond what the server is known to have
const UNTOLD_MS = 200; // the server need not tell of every piece: after this long the window opens by itself
const BUFFERED_BYTES = 128 * 1024; // waiting in the platform's socket
const PACE_MS = 25;
const ANSWER_MS = 8_000;
const MAX_RETRIES = 6;
const UNSUPPORTED = new Set(["UNKNOWN_FRAME", "BINARY_NOT_SUPPORTED", "UPLOAD_UNSUPPORTED"]);

/** A refusal after which the same picture may go by HTTP. */
export const unsupported = (error) => UNSUPPORTED.has(error?.reason);

/**
 * One piece as it travels: version, id, offset, bytes.
 * @param {string} id
 * @param {number} offset
 * @param {Uint8Array} bytes
 */
export function piece(id, offset, bytes) {
  const frame = new Uint8Array(2 + id.length + 8 + bytes.length);
  frame[0] = 1;
  frame[1] = id.length;
  for (let place = 0; place < id.length; place += 1) frame[2 + place] = id.charCodeAt(place);
  new DataView(frame.buffer).setBigUint64(2 + id.length, BigInt(offset));
  frame.set(bytes, 10 + id.length);
  return frame;
}

/** The same picture has the same name, so that it goes on where it stopped, even on another page. */
export async function nameOf(bytes) {
  const subtle = globalThis.crypto?.subtle; // only where the page came safely
  const digest = subtle ? new Uint8Array(await subtle.digest("SHA-256", bytes)) : null;
  const hex = digest && Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16)).join("");
  return { id: hex ? `p-${hex.slice(0, 40)}` : `r-${random()}`, sha256: hex ?? undefined };
}

export class Uploads {
  #wire;
  /** @type {Map<string, Transfer>} */
  #open = new Map();

  /**
   * @param {{online: () => boolean, send: (frame: object) => void, bytes: (piece: Uint8Array) => void,
   *   buffered: () => number}} wire
   */
  constructor(wire) {
    this.#wire = wire;
  }

  /**
   * Uploads the whole of a picture.
   * @param {Blob} picture
   * @param {{onProgress?: (share: number) => void, signal?: AbortSignal}} options
   * @returns {Promise<any>} The picture as the server names it.
   * @throws {StickerdeskError} The server's reason, UPLOAD_UNSUPPORTED, or ABORTED.
   */
  async take(picture, { onProgress, signal } = {}) {
    const bytes = new Uint8Array(await picture.arrayBuffer());
    const { id, sha256 } = await nameOf(bytes);
    if (signal?.aborted) throw aborted();
    this.#open.get(id)?.end(aborted()); // the same picture twice at once is once
    return new Promise((resolve, reject) => {
      const head = { type: "upload", upload_id: id, media_type: picture.type, size: bytes.length, sha256 };
      const transfer = new Transfer(head, bytes, this.#wire, { onProgress, resolve, reject });
      const cancel = () => transfer.cancel();
      transfer.ended = () => {
        signal?.removeEventListener("abort", cancel);
        if (this.#open.get(id) === transfer) this.#open.delete(id);
      };
      this.#open.set(id, transfer);
      signal?.addEventListener("abort", cancel, { once: true });
      if (this.#wire.online()) transfer.begin();
    });
  }

  /** The connection is (back) up. */
  online() {
    for (const transfer of this.#open.values()) transfer.begin();
  }

  /** The connection is gone: what is under way waits. */
  lost() {
    for (const transfer of this.#open.values()) transfer.pause();
  }

  /** @param {any} frame A frame about an upload. */
  heard(frame) {
    this.#open.get(frame.upload_id)?.heard(frame);
  }

  /** An error of the server, about one upload or about a frame that it does not know. @param {any} error */
  refused(error) {
    if (error.upload_id) this.#open.get(error.upload_id)?.refused(error);
    else if (unsupported(error)) for (const transfer of this.#open.values()) transfer.unheard();
  }
}

const aborted = () => new StickerdeskError("ABORTED", "the upload was given up");

class Transfer {
  #head;
  #bytes;
  #wire;
  #told;
  #offset = 0;
  #received = 0;
  #opened = 0;
  #chunk = 48 * 1024;
  #tries = 0;
  #answered = false;
  #timer = /** @type {any} */ (0);
  ended = () => {};

  /**
   * @param {any} head The frame that begins it.
   * @param {Uint8Array} bytes
   * @param {any} wire
   * @param {{onProgress?: (share: number) => void, resolve: (image: any) => void, reject: (error: Error) => void}} told
   */
  constructor(head, bytes, wire, told) {
    this.#head = head;
    this.#bytes = bytes;
    this.#wire = wire;
    this.#told = told;
  }

  get id() {
    return this.#head.upload_id;
  }

  /** Says what will come, or asks where to go on. */
  begin() {
    this.#wire.send(this.#head);
    this.#later(ANSWER_MS, () => (this.#answered ? this.begin() : this.unheard()));
  }

  pause() {
    clearTimeout(this.#timer);
  }

  heard(frame) {
    if (frame.type === "upload_ready") this.#ready(frame);
    else if (frame.type === "upload_progress") this.#progress(frame.received);
    else if (frame.type === "upload_done") this.end(null, frame.image);
  }

  refused(error) {
    this.pause();
    this.#tries += 1;
    if (!error.retryable || this.#tries > MAX_RETRIES) return this.end(new StickerdeskError(error.reason, error.message));
    return this.#later(Math.max(error.retry_after_ms ?? 0, 250 * 2 ** this.#tries), () => this.begin());
  }

  /** Nobody there who understands uploads, if nobody ever did. */
  unheard() {
    if (!this.#answered) this.end(new StickerdeskError("UPLOAD_UNSUPPORTED", "the server takes no uploads here"));
  }

  cancel() {
    if (this.#wire.online()) this.#wire.send({ type: "upload_cancel", upload_id: this.id });
    this.end(aborted());
  }

  end(error, image) {
    this.pause();
    this.ended();
    if (error) this.#told.reject(error);
    else this.#told.resolve(image);
  }

  /** The server says where to go on; also when a piece went missing. */
  #ready({ offset, chunk_bytes }) {
    this.#answered = true;
    this.#chunk = chunk_bytes;
    this.#offset = offset;
    this.#progress(offset);
  }

  #progress(received) {
    this.#received = this.#opened = received;
    this.#told.onProgress?.(this.#received / this.#bytes.length);
    this.#flow();
  }

  #flow() {
    this.pause();
    while (this.#offset < this.#bytes.length && this.#offset - this.#opened < WINDOW_BYTES) {
      if (!this.#wire.online()) return;
      if (this.#wire.buffered() > BUFFERED_BYTES) return void this.#later(PACE_MS, () => this.#flow());
      const bytes = this.#bytes.subarray(this.#offset, this.#offset + this.#chunk);
      this.#wire.bytes(piece(this.id, this.#offset, bytes));
      this.#offset += bytes.length;
    }
    if (this.#offset < this.#bytes.length) return this.#later(UNTOLD_MS, () => this.#open());
    return this.#later(ANSWER_MS * 2, () => this.begin()); // silence: ask where we are
  }

  #open() {
    this.#opened = this.#offset;
    this.#flow();
  }

  #later(ms, act) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, ms);
  }
}
