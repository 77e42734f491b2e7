/**
 * Messages on their way. Pure.
 *
 * One message is in flight at a time, so that a message that is sent again cannot be overtaken by a later one.
 */

import { fullJitterMs } from "./backoff.js";

const ACK_TIMEOUT_MS = 20_000;
const MAX_TRIES = 8;
const RETRY = { baseMs: 500, capMs: 15_000 };

/**
 * @typedef {object} OutgoingMessage
 * @property {string} client_msg_id
 * @property {string} [text]
 * @property {string} [sticker] A sticker's id.
 * @property {string} [image] An uploaded picture's id.
 * @property {number} at When it was written, in milliseconds since 1970.
 * @property {"queued"|"sending"|"sent"|"failed"} status
 * @property {number} tries
 * @property {number} notBefore
 * @property {string} [reason] Why it failed.
 * @property {string} [detail] The same for people.
 * @property {number} [seq] Its place in the journal, once sent.
 * @property {boolean} [own] Whether it was written here and not by an earlier page or another tab.
 */

export class Outbox {
  /** @type {OutgoingMessage[]} */
  #messages = [];
  #random;

  /**
   * @param {any[]} restored Messages that an earlier page left behind.
   * @param {() => number} random
   */
  constructor(restored, random) {
    this.#random = random;
    for (const old of restored) this.adopt(old);
  }

  /** Whether a message waits to be sent or to be acknowledged. */
  get waiting() {
    return this.#head() !== undefined;
  }

  /**
   * Takes a message that an earlier page or another tab left behind; one in flight here stays as it is.
   * @param {any} old
   * @returns {OutgoingMessage|null} What changed, if anything did.
   */
  adopt(old) {
    if (typeof old?.client_msg_id !== "string" || (!old.text && !old.sticker && !old.image)) return null;
    const status = old.status === "failed" ? "failed" : "queued";
    const known = this.find(old.client_msg_id);
    if (known && (known.status === "sending" || known.status === status)) return null;
    const taken = { at: 0, ...old, status, tries: 0, notBefore: 0 };
    this.#messages = [...this.#messages.filter((message) => message !== known), taken].sort((a, b) => a.at - b.at);
    return taken;
  }

  /**
   * Becomes what all tabs left in the storage: others may have sent, added or given up messages meanwhile.
   * @param {any[]} stored
   * @returns {{added: OutgoingMessage[], removed: string[]}}
   */
  sync(stored) {
    // What was written here stays even if the storage lost it: to send it twice is harmless, to lose it is not.
    const ids = new Set(stored.map((message) => message?.client_msg_id));
    const gone = this.#messages.filter((message) => !message.own && !ids.has(message.client_msg_id));
    this.#messages = this.#messages.filter((message) => !gone.includes(message));
    const added = stored.map((message) => this.adopt(message)).filter((message) => message !== null);
    return { added, removed: gone.map((message) => message.client_msg_id) };
  }

  /** @returns {OutgoingMessage[]} In the order of writing; copies. */
  list() {
    return this.#messages.map((message) => ({ ...message }));
  }

  /** @param {OutgoingMessage} message */
  add(message) {
    this.#messages.push({ ...message, own: true });
  }

  /** @param {string} id */
  find(id) {
    return this.#messages.find((message) => message.client_msg_id === id) ?? null;
  }

  /**
   * The message to send now, marked as sending; null when there is none or one is in flight.
   * @param {number} now
   */
  next(now) {
    const message = this.#head();
    if (!message || message.status === "sending" || message.notBefore > now) return null;
    message.status = "sending";
    message.tries += 1;
    message.notBefore = now + ACK_TIMEOUT_MS;
    return message;
  }

  /** When `next` or `expire` may have something to do; null when nothing waits. */
  due() {
    return this.#head()?.notBefore ?? null;
  }

  /**
   * Queues the message in flight again when its ack is overdue.
   * @param {number} now
   */
  expire(now) {
    const message = this.#head();
    if (message?.status === "sending" && message.notBefore <= now) message.status = "queued";
  }

  /** The connection is gone: what was in flight waits again. */
  interrupt() {
    for (const message of this.#messages) {
      if (message.status !== "sending") continue;
      message.status = "queued";
      message.tries = 0;
      message.notBefore = 0;
    }
  }

  /**
   * The message is durable, known by its ack or by its entry.
   * @param {string} id
   * @param {number} seq
   */
  settle(id, seq) {
    const message = this.find(id);
    if (!message) return null;
    this.#messages = this.#messages.filter((other) => other !== message);
    return { ...message, status: /** @type {const} */ ("sent"), seq };
  }

  /**
   * The message was refused.
   * @param {{client_msg_id: string, retryable: boolean, retry_after_ms?: number, reason: string, message: string}} error
   * @param {number} now
   */
  refuse(error, now) {
    const message = this.find(error.client_msg_id);
    if (!message) return null;
    if (error.retryable && message.tries < MAX_TRIES) {
      message.status = "queued";
      message.notBefore = now + this.#waitMs(message, error);
    } else {
      Object.assign(message, { status: "failed", reason: error.reason, detail: error.message });
    }
    return message;
  }

  /**
   * A person asks to send a failed message again. After a conflict it gets a new id: the old one is another message's.
   * @param {string} id
   * @param {string} freshId
   */
  retry(id, freshId) {
    const message = this.find(id);
    if (message?.status !== "failed") return null;
    if (message.reason === "MESSAGE_ID_CONFLICT") message.client_msg_id = freshId;
    Object.assign(message, { status: "queued", tries: 0, notBefore: 0, reason: undefined, detail: undefined });
    return message;
  }

  /** @param {string} id */
  discard(id) {
    const message = this.find(id);
    this.#messages = this.#messages.filter((other) => other !== message);
    return message;
  }

  #waitMs(message, error) {
    const wait = fullJitterMs(message.tries, { ...RETRY, random: this.#random });
    return Math.max(wait, error.retry_after_ms ?? 0);
  }

  #head() {
    return this.#messages.find((message) => message.status !== "failed");
  }
}
