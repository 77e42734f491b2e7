/**
 * One client's connection as pure decisions: no socket, no storage, no clock, no timer.
 *
 * Every input returns the effects to carry out, in order; `due()` says when `tick` is next of use.
 *
 * @typedef {{do: "open"}
 *   | {do: "close", code: number, reason: string}
 *   | {do: "send", frame: object}
 *   | {do: "emit", event: string, data: object}
 *   | {do: "token", token: string|null}
 *   | {do: "keep", message: object}
 *   | {do: "drop", id: string}} Effect
 */

import { fullJitterMs, hintMs } from "./backoff.js";
import { Journal, Place } from "./journal.js";
import { Outbox } from "./outbox.js";
import { TOKEN_ENDS, Verdict, verdictOf } from "./protocol.js";

const HANDSHAKE_MS = 15_000;
const PROBE_MS = 5_000;
const STABLE_MS = 10_000;
const RETRY = { baseMs: 500, capMs: 20_000 };
const RATE_LIMITED_FLOOR_MS = 5_000;
const MAX_RENEWALS = 2;

/** Frames of a newer server are ignored. */
const SERVER_FRAMES = new Set([
  "welcome", "caught_up", "entry", "ack", "delta", "turn_ended", "gap", "error", "suggestions", "typing", "ping", "pong",
]);

/** Where a connection stands. */
export const Status = Object.freeze({
  IDLE: "idle",
  CONNECTING: "connecting",
  ONLINE: "online",
  WAITING: "waiting",
  STOPPED: "stopped",
});

export class Machine {
  /** @type {Effect[]} */
  #effects = [];
  #journal = new Journal();
  #random;
  #client;
  #token = null;
  #conversation = null;
  #greeted = false;
  #caughtUp = false;
  #failures = 0;
  #renewals = 0;
  #heartbeatMs = 25_000;
  #heardAt = 0;
  #probeAt = null;
  #since = 0;
  #deadline = null;
  #holeAsked = -1;
  #lastReason = "";

  /**
   * @param {{locale?: string, client?: string, outbox?: object[], random?: () => number}} options
   */
  constructor({ locale, client, outbox = [], random = Math.random } = {}) {
    this.locale = locale;
    this.#client = client;
    this.#random = random;
    this.outbox = new Outbox(outbox, random);
    /** @type {string} One of Status. */
    this.status = Status.IDLE;
    this.offline = false;
  }

  /** @returns {string|null} */
  get conversation() {
    return this.#conversation;
  }

  get lastSeq() {
    return this.#journal.lastSeq;
  }

  get ready() {
    return this.status === Status.ONLINE && this.#caughtUp;
  }

  /** When `tick` is next of use; null when there is nothing to wait for. */
  due() {
    const times = [this.#deadline];
    if (this.status === Status.ONLINE) {
      times.push(this.#probeAt === null ? this.#heardAt + 1.5 * this.#heartbeatMs : this.#probeAt + PROBE_MS);
    }
    if (this.ready) times.push(this.outbox.due());
    const known = times.filter((time) => time !== null);
    return known.length ? Math.min(...known) : null;
  }

  // ---- what the application asks ---------------------------------------------------------------------------------

  /** Connects; does nothing while connected or on the way. */
  start(now) {
    if (this.status === Status.IDLE || this.status === Status.STOPPED) {
      this.#failures = 0;
      this.#renewals = 0;
      this.#connect(now);
    }
    return this.#drain();
  }

  /** Says goodbye for good. */
  stop() {
    const connected = this.#connected();
    this.#enter(Status.STOPPED, 0, { reason: "closed" });
    if (connected) this.#do({ do: "close", code: 1000, reason: "bye" });
    return this.#drain();
  }

  /** Leaves this conversation and begins the next: after it was closed, or after a stop. */
  renew(now, { forgetVisitor = false } = {}) {
    if (this.#connected()) this.#do({ do: "close", code: 1000, reason: "renew" });
    this.#forgetConversation();
    if (forgetVisitor) this.#forgetToken();
    this.#failures = 0;
    this.#connect(now);
    return this.#drain();
  }

  /** Takes a message to send, now or as soon as it can be. */
  send(message, now) {
    const outgoing = { ...message, at: now, status: "queued", tries: 0, notBefore: 0 };
    this.outbox.add(outgoing);
    this.#changed(outgoing);
    this.#pump(now);
    return this.#drain();
  }

  retry(id, freshId, now) {
    const message = this.outbox.retry(id, freshId);
    if (message) {
      if (message.client_msg_id !== id) this.#gone(id);
      this.#changed(message);
      this.#pump(now);
    }
    return this.#drain();
  }

  discard(id) {
    if (this.outbox.discard(id)) this.#gone(id);
    return this.#drain();
  }

  /** Sends a frame that is worth nothing later (typing, suggest, stop, feedback); false effects when not online. */
  ephemeral(frame) {
    if (this.status === Status.ONLINE) this.#do({ do: "send", frame });
    return this.#drain();
  }

  // ---- what the platform tells -----------------------------------------------------------------------------------

  /** The socket is open. `token` is the newest that is stored: another tab may have renewed it. */
  opened(token, now) {
    // Another tab may have renewed the token or dropped it. Whether it still opens this conversation, the server says.
    if (this.#token !== null && token === null) this.#forgetConversation();
    this.#token = token;
    this.#deadline = now + HANDSHAKE_MS;
    const hello = { type: "hello", token: token ?? undefined, locale: this.locale, client: this.#client };
    if (this.#conversation && this.#journal.epoch) {
      Object.assign(hello, { conversation: this.#conversation, last_seq: this.lastSeq, epoch: this.#journal.epoch });
    }
    this.#do({ do: "send", frame: hello });
    return this.#drain();
  }

  /** The socket is closed, by whomever. */
  closed(code, reason, now) {
    this.outbox.interrupt();
    if (this.status === Status.STOPPED || this.status === Status.IDLE) return this.#drain();
    if (this.status === Status.ONLINE && now - this.#since >= STABLE_MS) this.#failures = 0;
    if (TOKEN_ENDS.has(code)) this.#dropCredentials();
    const verdict = this.#verdict(code);
    if (verdict === Verdict.STOP) this.#enter(Status.STOPPED, now, { code, reason: this.#lastReason || reason });
    else if (verdict === Verdict.RENEW) this.#connect(now);
    else this.#wait(code, reason, now);
    return this.#drain();
  }

  /** The platform believes that there is no network. It may be wrong, so this only asks for proof. */
  wentOffline(now) {
    this.offline = true;
    this.#probe(now);
    this.#tell({});
    return this.#drain();
  }

  /** The network is back, or the page is looked at again. */
  wentOnline(now) {
    const was = this.offline;
    this.offline = false;
    if (this.status === Status.WAITING) this.#connect(now);
    else this.#probe(now);
    if (was) this.#tell({});
    return this.#drain();
  }

  /** Time passed; may be called at any time. */
  tick(now) {
    if (this.#deadline !== null && now >= this.#deadline) {
      if (this.status === Status.WAITING) this.#connect(now);
      else if (this.status === Status.CONNECTING) this.#giveUp("handshake timeout", now);
    }
    if (this.status === Status.ONLINE) this.#watch(now);
    this.outbox.expire(now);
    this.#pump(now);
    return this.#drain();
  }

  /** A frame of the server. */
  frame(frame, now) {
    this.#heardAt = now;
    this.#probeAt = null;
    if (SERVER_FRAMES.has(frame?.type)) this[`_${frame.type}`](frame, now);
    return this.#drain();
  }

  // ---- frames; named after their type ----------------------------------------------------------------------------

  _welcome(frame, now) {
    const moved = this.#conversation !== null && this.#conversation !== frame.conversation;
    if (moved) this.#journal.reset();
    const replaced = this.#journal.open(frame.epoch);
    this.#conversation = frame.conversation;
    this.#heartbeatMs = frame.heartbeat_s * 1000;
    this.#holeAsked = -1;
    this.#caughtUp = false;
    if (frame.token !== this.#token) {
      this.#token = frame.token;
      this.#do({ do: "token", token: frame.token });
    }
    if (moved || replaced) this.#emit("reset", { reason: moved ? "conversation_changed" : "epoch_changed", keep: 0 });
    this.#emit("welcome", frame);
    const resumed = this.#greeted;
    this.#greeted = true;
    this.#enter(Status.ONLINE, now, { resumed });
  }

  _caught_up(frame, now) {
    this.#caughtUp = true;
    this.#renewals = 0;
    this.#emit("caught_up", { last_seq: frame.last_seq });
    this.#pump(now);
  }

  _entry(frame, now) {
    const place = this.#journal.entry(frame.seq);
    if (place === Place.HOLE) return this.#askForHole(now);
    if (place === Place.SEEN) return undefined;
    if (frame.turn && frame.author !== "customer") this.#journal.turnOver(frame.turn);
    this.#emit("entry", { ...frame, replayed: !this.#caughtUp });
    return frame.client_msg_id ? this.#settle(frame.client_msg_id, frame.seq, now) : undefined;
  }

  _ack(frame, now) {
    this.#settle(frame.client_msg_id, frame.seq, now);
    this.#emit("ack", frame);
  }

  _delta(frame) {
    const text = this.#journal.delta(frame);
    if (text !== null) this.#emit("draft", { turn: frame.turn, text });
  }

  _turn_ended(frame) {
    this.#journal.turnOver(frame.turn);
    this.#emit("turn_ended", { turn: frame.turn, outcome: frame.outcome });
  }

  _gap(frame) {
    const { from_seq, to_seq, reason } = frame;
    const keep = this.#journal.gap(frame);
    if (keep !== null) this.#emit("reset", { reason, keep });
    // What lies ahead of the journal never was; everything else that is missing is told.
    if (to_seq >= from_seq && reason !== "ahead_of_journal") this.#emit("gap", { from_seq, to_seq, reason });
  }

  _error(frame, now) {
    this.#lastReason = frame.reason;
    if (frame.client_msg_id) {
      const message = this.outbox.refuse(frame, now);
      if (message) this.#changed(message);
      this.#pump(now);
    }
    this.#emit("error", frame);
  }

  _suggestions(frame) {
    this.#emit("suggestions", { suggest_id: frame.suggest_id, stickers: frame.stickers });
  }

  _typing(frame) {
    this.#emit("typing", { author: frame.author, active: frame.active, turn: frame.turn });
  }

  _ping(frame) {
    this.#do({ do: "send", frame: { type: "pong", t: frame.t } });
  }

  _pong(frame, now) {
    this.#emit("latency", { ms: Math.max(0, now - frame.t) });
  }

  // ---- inside ----------------------------------------------------------------------------------------------------

  #connected() {
    return this.status === Status.CONNECTING || this.status === Status.ONLINE;
  }

  #connect(now) {
    this.#lastReason = "";
    this.#enter(Status.CONNECTING, now, {});
    this.#deadline = now + HANDSHAKE_MS;
    this.#do({ do: "open" });
  }

  #wait(code, reason, now) {
    const jitter = fullJitterMs(this.#failures, { ...RETRY, random: this.#random });
    const floor = code === 4429 ? RATE_LIMITED_FLOOR_MS : hintMs(reason);
    this.#failures += 1;
    const delay = floor + jitter;
    this.#enter(Status.WAITING, now, { code, reason, retry_in_ms: delay });
    this.#deadline = now + delay;
  }

  #giveUp(why, now) {
    this.#do({ do: "close", code: 4408, reason: why });
    this.outbox.interrupt();
    this.#wait(4408, why, now);
  }

  #verdict(code) {
    const verdict = verdictOf(code);
    if (verdict !== Verdict.RENEW) return verdict;
    this.#renewals += 1;
    return this.#renewals > MAX_RENEWALS ? Verdict.STOP : verdict;
  }

  /** A conversation that may not be entered is no reason to forget who one is. */
  #dropCredentials() {
    this.#forgetConversation();
    if (!this.#lastReason.startsWith("CONVERSATION_")) this.#forgetToken();
  }

  #forgetToken() {
    this.#token = null;
    this.#do({ do: "token", token: null });
  }

  #forgetConversation() {
    if (this.#conversation !== null) this.#emit("reset", { reason: "conversation_left", keep: 0 });
    this.#conversation = null;
    this.#journal.reset();
  }

  #watch(now) {
    if (this.#probeAt !== null) {
      if (now >= this.#probeAt + PROBE_MS) this.#giveUp("heartbeat missed", now);
    } else if (now >= this.#heardAt + 1.5 * this.#heartbeatMs) {
      this.#probe(now);
    }
  }

  #probe(now) {
    if (this.status !== Status.ONLINE || this.#probeAt !== null) return;
    this.#probeAt = now;
    this.#do({ do: "send", frame: { type: "ping", t: now } });
  }

  /** Asks once for what is missing; if it stays missing, begins again from a new connection. */
  #askForHole(now) {
    if (this.#holeAsked === this.lastSeq) return this.#giveUp("hole in the journal", now);
    this.#holeAsked = this.lastSeq;
    const frame = {
      type: "resume",
      conversation: this.#conversation,
      last_seq: this.lastSeq,
      epoch: this.#journal.epoch,
    };
    return this.#do({ do: "send", frame });
  }

  #pump(now) {
    if (!this.ready) return;
    const message = this.outbox.next(now);
    if (!message) return;
    const { client_msg_id, text, sticker, image } = message;
    this.#do({ do: "send", frame: { type: "message", client_msg_id, text, sticker, image } });
    this.#emit("message", { ...message });
  }

  #settle(id, seq, now) {
    const message = this.outbox.settle(id, seq);
    if (!message) return;
    this.#do({ do: "drop", id });
    this.#emit("message", message);
    this.#pump(now);
  }

  #changed(message) {
    this.#do({ do: "keep", message: { ...message } });
    this.#emit("message", { ...message });
  }

  #gone(id) {
    this.#do({ do: "drop", id });
    this.#emit("discarded", { client_msg_id: id });
  }

  #enter(status, now, detail) {
    this.status = status;
    this.#since = now;
    this.#heardAt = now;
    this.#deadline = null;
    this.#probeAt = null;
    if (status !== Status.ONLINE) this.#caughtUp = false;
    this.#tell(detail);
  }

  #tell(detail) {
    this.#emit("state", { state: this.status, offline: this.offline, ...detail });
  }

  #emit(event, data) {
    this.#effects.push({ do: "emit", event, data });
  }

  #do(effect) {
    this.#effects.push(effect);
  }

  #drain() {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
