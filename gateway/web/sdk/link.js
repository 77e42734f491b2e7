/**
 * One socket after another as pure decisions: when to connect, when to doubt, when to wait, when to stay away.
 */

import { fullJitterMs, hintMs } from "./backoff.js";
import { Verdict, verdictOf } from "./protocol.js";

const HANDSHAKE_MS = 15_000;
/** Longer than the edge keeps a greeting in its line (20 s): who gives up sooner comes back at the end of it. */
const GREETING_MS = 25_000;
const PROBE_MS = 5_000;
const STABLE_MS = 10_000;
const RETRY = { baseMs: 500, capMs: 20_000 };
const RATE_LIMITED_FLOOR_MS = 5_000;
const MAX_RENEWALS = 2;

/** Where a connection stands. */
export const Status = Object.freeze({
  IDLE: "idle",
  CONNECTING: "connecting",
  ONLINE: "online",
  WAITING: "waiting",
  STOPPED: "stopped",
});

export class Link {
  #random;
  #out;
  #failures = 0;
  #renewals = 0;
  #heartbeatMs = 25_000;
  #heardAt = 0;
  #probeAt = /** @type {number|null} */ (null);
  #since = 0;
  #deadline = /** @type {number|null} */ (null);

  /**
   * @param {() => number} random
   * @param {{do: (effect: import("./machine.js").Effect) => void, entered: (detail: object) => void, broke: () => void}} out
   *   `entered` hears of each new status, `broke` that what was in flight is lost.
   */
  constructor(random, out) {
    this.#random = random;
    this.#out = out;
    /** @type {string} One of Status. */
    this.status = Status.IDLE;
    /** The last reason that the server gave on this connection. */
    this.reason = "";
  }

  get connected() {
    return this.status === Status.CONNECTING || this.status === Status.ONLINE;
  }

  get online() {
    return this.status === Status.ONLINE;
  }

  /** When `tick` is next of use; null when there is nothing to wait for. */
  due() {
    const times = [this.#deadline];
    if (this.online) times.push(this.#probeAt === null ? this.#heardAt + 1.5 * this.#heartbeatMs : this.#probeAt + PROBE_MS);
    const known = times.filter((time) => time !== null);
    return known.length ? Math.min(...known) : null;
  }

  /** Begins with a clean record, as a person asked for it. */
  fresh(now) {
    this.#failures = 0;
    this.#renewals = 0;
    this.connect(now);
  }

  connect(now) {
    this.reason = "";
    this.#enter(Status.CONNECTING, now, {});
    this.#deadline = now + HANDSHAKE_MS;
    this.#out.do({ do: "open" });
  }

  /** The socket is open; the greeting must be answered in time. */
  greeting(now) {
    this.#deadline = now + GREETING_MS;
  }

  /** The server welcomed us. */
  welcomed(heartbeatMs, now, detail) {
    this.#heartbeatMs = heartbeatMs;
    this.#enter(Status.ONLINE, now, detail);
  }

  /** The conversation is complete: whatever token was renewed for it works. */
  proven() {
    this.#renewals = 0;
  }

  heard(now) {
    this.#heardAt = now;
    this.#probeAt = null;
  }

  /** Says goodbye. */
  stop(now) {
    const { connected } = this;
    this.#enter(Status.STOPPED, now, { reason: "closed" });
    if (connected) this.#out.do({ do: "close", code: 1000, reason: "bye" });
  }

  /** Lets go of the socket to open another. */
  leave() {
    if (this.connected) this.#out.do({ do: "close", code: 1000, reason: "renew" });
  }

  /** The socket is closed with this code; acts on what it means. */
  closed(code, reason, now) {
    if (this.online && now - this.#since >= STABLE_MS) this.#failures = 0;
    const verdict = this.#verdict(code);
    if (verdict === Verdict.STOP) this.#enter(Status.STOPPED, now, { code, reason: this.reason || reason });
    else if (verdict === Verdict.RENEW) this.connect(now);
    else this.#wait(code, reason, now);
  }

  giveUp(why, now) {
    this.#out.do({ do: "close", code: 4408, reason: why });
    this.#out.broke();
    this.#wait(4408, why, now);
  }

  /** The network is back, or somebody looks: come back at once, or ask for proof. */
  nudge(now) {
    if (this.status === Status.WAITING) this.connect(now);
    else this.probe(now);
  }

  probe(now) {
    if (!this.online || this.#probeAt !== null) return;
    this.#probeAt = now;
    this.#out.do({ do: "send", frame: { type: "ping", t: now } });
  }

  tick(now) {
    if (this.#deadline !== null && now >= this.#deadline) {
      if (this.status === Status.WAITING) this.connect(now);
      else if (this.status === Status.CONNECTING) this.giveUp("handshake timeout", now);
    }
    if (this.online) this.#watch(now);
  }

  #watch(now) {
    if (this.#probeAt !== null) {
      if (now >= this.#probeAt + PROBE_MS) this.giveUp("heartbeat missed", now);
    } else if (now >= this.#heardAt + 1.5 * this.#heartbeatMs) {
      this.probe(now);
    }
  }

  #wait(code, reason, now) {
    const jitter = fullJitterMs(this.#failures, { ...RETRY, random: this.#random });
    const floor = code === 4429 ? RATE_LIMITED_FLOOR_MS : hintMs(reason);
    this.#failures += 1;
    const delay = floor + jitter;
    this.#enter(Status.WAITING, now, { code, reason, retry_in_ms: delay });
    this.#deadline = now + delay;
  }

  #verdict(code) {
    const verdict = verdictOf(code);
    if (verdict !== Verdict.RENEW) return verdict;
    this.#renewals += 1;
    return this.#renewals > MAX_RENEWALS ? Verdict.STOP : verdict;
  }

  #enter(status, now, detail) {
    this.status = status;
    this.#since = now;
    this.heard(now);
    this.#deadline = null;
    this.#out.entered(detail);
  }
}
