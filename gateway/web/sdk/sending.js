/**
 * What waits to be sent, and whose turn it is: tabs that share an outbox send one after the other.
 */

import { Outbox } from "./outbox.js";

/** How long a message of another tab is left to it. */
const STEP_IN_MS = 800;

export class Sending {
  #handlers;
  #shared;
  #granted;
  #wanted = false;
  #stepInAt = /** @type {number|null} */ (null);

  /**
   * @param {{outbox: object[], random: () => number, shared: boolean}} options `shared`: with other tabs.
   * @param {{ready: () => boolean, do: (effect: any) => void, emit: (event: string, data: object) => void}} handlers
   *   `ready`: whether the server takes messages now.
   */
  constructor({ outbox, random, shared }, handlers) {
    this.#handlers = handlers;
    this.#shared = shared;
    this.#granted = !shared;
    this.outbox = new Outbox(outbox, random);
  }

  /** When `tick` is next of use, while the server takes messages; null when there is nothing to wait for. */
  due() {
    const times = [this.#wanted ? null : this.#stepInAt, this.#granted ? this.outbox.due() : null];
    const known = times.filter((time) => time !== null);
    return known.length ? Math.min(...known) : null;
  }

  /** Takes a message to send, now or as soon as it can be. */
  add(message, now) {
    const outgoing = { ...message, at: now, status: "queued", tries: 0, notBefore: 0 };
    this.outbox.add(outgoing);
    this.#changed(outgoing);
    this.pump(now);
  }

  /** Sends a failed message again, as a new one where the old id is spent. */
  retry(id, freshId, now) {
    const message = this.outbox.retry(id, freshId);
    if (!message) return;
    if (message.client_msg_id !== id) this.#gone(id);
    this.#changed(message);
    this.pump(now);
  }

  discard(id, now) {
    if (this.outbox.discard(id)) this.#gone(id);
    this.pump(now);
  }

  /** It is this tab's turn to send. `stored` is the outbox as all tabs left it. */
  granted(stored, now) {
    const { added, removed } = this.outbox.sync(stored);
    for (const message of added) this.#handlers.emit("message", { ...message });
    for (const id of removed) this.#handlers.emit("discarded", { client_msg_id: id });
    this.#granted = true;
    this.pump(now);
  }

  /** Another tab took a message, changed it, or is done with it. */
  elsewhere({ kept, dropped, sent = false }, now) {
    const message = kept && this.outbox.adopt(kept);
    if (message) this.#handlers.emit("message", { ...message });
    // What was sent elsewhere comes as an entry; until then it stays where the reader sees it.
    if (dropped && this.outbox.discard(dropped) && !sent) this.#handlers.emit("discarded", { client_msg_id: dropped });
    // Who wrote it sends it; should that tab be gone, this one asks for the turn a little later.
    if (message) this.#stepInAt = now + STEP_IN_MS;
  }

  /** The server has it, as this seq. */
  settle(id, seq, now) {
    const message = this.outbox.settle(id, seq);
    if (!message) return;
    this.#handlers.do({ do: "drop", id, sent: true });
    this.#handlers.emit("message", message);
    this.pump(now);
  }

  /** The server refuses something, perhaps a message of ours. */
  refused(error, now) {
    const message = error.client_msg_id && this.outbox.refuse(error, now);
    if (message) this.#changed(message);
    this.pump(now);
  }

  /** Time passed. */
  tick(now) {
    if (this.#stepInAt !== null && now >= this.#stepInAt) this.#stepInAt = null;
    this.outbox.expire(now);
    this.pump(now);
  }

  /** Sends the next, if there is one, it is time, and it is this tab's turn; without a connection gives the turn away. */
  pump(now) {
    const wanted = this.#handlers.ready() && this.outbox.waiting;
    if (this.#shared && wanted !== this.#wanted) {
      this.#wanted = wanted;
      if (!wanted) this.#granted = false;
      this.#handlers.do({ do: "turn", wanted });
    }
    const message = wanted && this.#granted ? this.outbox.next(now) : null;
    if (!message) return;
    const { client_msg_id, text, sticker, image } = message;
    this.#handlers.do({ do: "send", frame: { type: "message", client_msg_id, text, sticker, image } });
    this.#handlers.emit("message", { ...message });
  }

  #changed(message) {
    this.#handlers.do({ do: "keep", message: { ...message } });
    this.#handlers.emit("message", { ...message });
  }

  #gone(id) {
    this.#handlers.do({ do: "drop", id, sent: false });
    this.#handlers.emit("discarded", { client_msg_id: id });
  }
}
