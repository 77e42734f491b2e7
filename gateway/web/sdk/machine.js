/**
 * One client's conversation as pure decisions: no socket, no storage, no clock, no timer.
 *
 * Every input returns the effects to carry out, in order; `due()` says when `tick` is next of use. `link.js` decides
 * about the connection itself, `sending.js` about what goes out over it, and which tab sends.
 *
 * @typedef {{do: "open"}
 *   | {do: "close", code: number, reason: string}
 *   | {do: "send", frame: object}
 *   | {do: "emit", event: string, data: object}
 *   | {do: "token", token: string|null}
 *   | {do: "refresh"}
 *   | {do: "turn", wanted: boolean}
 *   | {do: "keep", message: object}
 *   | {do: "drop", id: string, sent: boolean}} Effect
 */

import { Asks } from "./asks.js";
import { Journal, Place } from "./journal.js";
import { Link, Status } from "./link.js";
import { TOKEN_ENDS } from "./protocol.js";
import { Receipts } from "./receipts.js";
import { Sending } from "./sending.js";

export { Status } from "./link.js";

/** Frames that the machine acts on; those of a newer server are ignored. */
const SERVER_FRAMES = new Set([
  "welcome", "caught_up", "entry", "ack", "delta", "turn_ended", "gap", "error", "suggestions", "typing", "ping", "pong",
  "history", "receipt", "expiring", "refreshed",
]);

/** Frames that are the application's business and change nothing here. */
const PASSED_ON = new Set(["queue", "service", "upload_ready", "upload_progress", "upload_done", "upload_cancelled"]);

export class Machine {
  /** @type {Effect[]} */
  #effects = [];
  #journal = new Journal();
  #receipts = new Receipts();
  #asks = new Asks();
  #link;
  #sending;
  #client;
  #token = /** @type {string|null} */ (null);
  #refuted = false; // the platform believes that there is no network, and the server answered all the same
  #conversation = /** @type {string|null} */ (null);
  #greeted = false;
  #caughtUp = false;
  #holeAsked = -1;

  /**
   * @param {{locale?: string, client?: string, outbox?: object[], random?: () => number, shared?: boolean}} options
   *   `shared`: other tabs send from the same outbox, so this one sends only while it is its turn (`granted`).
   */
  constructor({ locale, client, outbox = [], random = Math.random, shared = false } = {}) {
    this.locale = locale;
    this.#client = client;
    this.offline = false;
    this.#link = new Link(random, {
      do: (effect) => this.#do(effect),
      entered: (detail) => this.#entered(detail),
      broke: () => this.outbox.interrupt(),
    });
    this.#sending = new Sending({ outbox, random, shared }, {
      ready: () => this.ready,
      do: (effect) => this.#do(effect),
      emit: (event, data) => this.#emit(event, data),
    });
  }

  /** @returns {string} One of Status. */
  get status() {
    return this.#link.status;
  }

  get conversation() {
    return this.#conversation;
  }

  get lastSeq() {
    return this.#journal.lastSeq;
  }

  get readSeq() {
    return this.#receipts.read;
  }

  get outbox() {
    return this.#sending.outbox;
  }

  /** Whether the server takes messages now. */
  get ready() {
    return this.#link.online && this.#caughtUp;
  }

  /** When `tick` is next of use; null when there is nothing to wait for. */
  due() {
    const times = [this.#link.due()];
    if (this.ready) times.push(this.#sending.due(), this.#receipts.due());
    const known = times.filter((time) => time !== null);
    return known.length ? Math.min(...known) : null;
  }

  // ---- what the application asks ---------------------------------------------------------------------------------

  /** Connects; does nothing while connected or on the way. */
  start(now) {
    if (this.status === Status.IDLE || this.status === Status.STOPPED) this.#link.fresh(now);
    return this.#drain();
  }

  /** Says goodbye for good. */
  stop() {
    this.#link.stop(0);
    return this.#drain();
  }

  /** Leaves this conversation and begins the next: after it was closed, or after a stop. */
  renew(now, { forgetVisitor = false } = {}) {
    this.#link.leave();
    this.#forgetConversation();
    if (forgetVisitor) this.#forgetToken();
    this.#link.fresh(now);
    return this.#drain();
  }

  /** Takes a message to send, now or as soon as it can be. */
  send(message, now) {
    this.#sending.add(message, now);
    return this.#drain();
  }

  retry(id, freshId, now) {
    this.#sending.retry(id, freshId, now);
    return this.#drain();
  }

  discard(id, now = 0) {
    this.#sending.discard(id, now);
    return this.#drain();
  }

  /** Sends a frame that is worth nothing later (typing, suggest, stop, feedback); nothing when not online. */
  ephemeral(frame) {
    if (this.#link.online) this.#do({ do: "send", frame });
    return this.#drain();
  }

  /** Asks until there is an answer: `answered` or `refused` with this id. */
  ask(id, frame) {
    this.#asks.add(id, frame);
    if (this.ready) this.#do({ do: "send", frame });
    return this.#drain();
  }

  /** The reader saw everything up to this entry. */
  read(seq, now) {
    if (this.#receipts.seen(Math.min(seq, this.lastSeq), now)) this.#emit("read", { seq: this.#receipts.read, here: true });
    return this.#drain();
  }

  // ---- what other tabs and the platform tell ---------------------------------------------------------------------

  /** It is this tab's turn to send. `stored` is the outbox as all tabs left it. */
  granted(stored, now) {
    this.#sending.granted(stored, now);
    return this.#drain();
  }

  /** Another tab took a message, changed it, or is done with it. */
  elsewhere(news, now) {
    this.#sending.elsewhere(news, now);
    return this.#drain();
  }

  /** Another tab of this reader showed everything up to here. */
  readElsewhere(seq) {
    if (this.#receipts.elsewhere(seq)) this.#emit("read", { seq, here: false });
    return this.#drain();
  }

  /** The socket is open. `token` is the newest that is stored: another tab may have renewed it. */
  opened(token, now) {
    // Another tab may have renewed the token or dropped it. Whether it still opens this conversation, the server says.
    if (this.#token !== null && token === null) this.#forgetConversation();
    this.#token = token;
    this.#link.greeting(now);
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
    if (TOKEN_ENDS.has(code)) this.#dropCredentials();
    this.#link.closed(code, reason, now);
    return this.#drain();
  }

  /** The platform believes that there is no network. It may be wrong, so this only asks for proof. */
  wentOffline(now) {
    this.offline = true;
    this.#refuted = false;
    this.#link.probe(now);
    this.#tell({});
    return this.#drain();
  }

  /** The network is back, or the page is looked at again. */
  wentOnline(now) {
    const was = this.offline;
    this.offline = false;
    this.#link.nudge(now);
    if (was) this.#tell({});
    return this.#drain();
  }

  /** A token to go on with, as the application's own server gave it; none: the edge makes a visitor's. */
  refresh(token) {
    return this.ephemeral({ type: "refresh", token: token || undefined });
  }

  /** Time passed; may be called at any time. */
  tick(now) {
    this.#link.tick(now);
    this.#sending.tick(now);
    const receipt = this.ready ? this.#receipts.next(now) : null;
    if (receipt) this.#do({ do: "send", frame: receipt });
    return this.#drain();
  }

  /** A frame of the server. */
  frame(frame, now) {
    this.#link.heard(now);
    if (SERVER_FRAMES.has(frame?.type)) this[`_${frame.type}`](frame, now);
    else if (PASSED_ON.has(frame?.type)) this.#emit(frame.type, frame);
    return this.#drain();
  }

  // ---- frames; named after their type ----------------------------------------------------------------------------

  _welcome(frame, now) {
    const moved = this.#conversation !== null && this.#conversation !== frame.conversation;
    if (moved) this.#journal.reset();
    const replaced = this.#journal.open(frame.epoch);
    if (moved || replaced) this.#receipts.reset();
    this.#conversation = frame.conversation;
    this.#holeAsked = -1;
    this.#caughtUp = false;
    this.#newToken(frame.token);
    if (moved || replaced) this.#emit("reset", { reason: moved ? "conversation_changed" : "epoch_changed", keep: 0 });
    this.#emit("welcome", frame);
    const resumed = this.#greeted;
    this.#greeted = true;
    this.#receipts.connected(now);
    this.#link.welcomed(frame.heartbeat_s * 1000, now, { resumed });
  }

  _caught_up(frame, now) {
    this.#caughtUp = true;
    this.#link.proven();
    this.#emit("caught_up", { last_seq: frame.last_seq });
    for (const ask of this.#asks.open) this.#do({ do: "send", frame: ask });
    this.#sending.pump(now);
  }

  _entry(frame, now) {
    const place = this.#journal.entry(frame.seq);
    if (place === Place.HOLE) return this.#askForHole(now);
    if (place === Place.SEEN) return undefined;
    this.#receipts.arrived(frame.seq, now);
    if (frame.turn && frame.author !== "customer") this.#journal.turnOver(frame.turn);
    this.#emit("entry", { ...frame, replayed: !this.#caughtUp });
    return frame.client_msg_id ? this.#sending.settle(frame.client_msg_id, frame.seq, now) : undefined;
  }

  _ack(frame, now) {
    if (this.#asks.close(frame.client_msg_id)) return this.#emit("answered", { id: frame.client_msg_id, frame });
    this.#sending.settle(frame.client_msg_id, frame.seq, now);
    return this.#emit("ack", frame);
  }

  _history(frame) {
    const entries = frame.entries.map((entry) => ({ ...entry, replayed: true }));
    if (this.#asks.close(frame.history_id)) this.#emit("answered", { id: frame.history_id, frame: { ...frame, entries } });
  }

  _receipt({ reader, delivered, read }) {
    if (reader === "customer" && this.#receipts.known(delivered, read)) this.#emit("read", { seq: read, here: false });
    this.#emit("receipt", { reader, delivered, read });
  }

  _expiring(frame) {
    this.#emit("expiring", { expires_at: frame.expires_at });
    this.#do({ do: "refresh" });
  }

  _refreshed(frame) {
    this.#newToken(frame.token);
    this.#emit("refreshed", { expires_at: frame.expires_at });
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
    if (keep !== null) {
      this.#receipts.reset();
      this.#emit("reset", { reason, keep });
    }
    // What lies ahead of the journal never was; everything else that is missing is told.
    if (to_seq >= from_seq && reason !== "ahead_of_journal") this.#emit("gap", { from_seq, to_seq, reason });
  }

  _error(frame, now) {
    this.#link.reason = frame.reason;
    const asked = [frame.history_id, frame.client_msg_id].filter((id) => this.#asks.close(id));
    // An older server knows neither receipts nor what may be asked, and says so without naming the frame.
    if (frame.reason === "UNKNOWN_FRAME") {
      this.#receipts.unspoken();
      asked.push(...this.#asks.clear());
    }
    for (const id of asked) this.#emit("refused", { id, error: frame });
    this.#sending.refused(frame, now);
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
    if (this.offline && !this.#refuted) {
      this.#refuted = true;
      this.#tell({});
    }
    this.#emit("latency", { ms: Math.max(0, now - frame.t) });
  }

  // ---- inside ----------------------------------------------------------------------------------------------------

  #newToken(token) {
    if (token === this.#token) return;
    this.#token = token;
    this.#do({ do: "token", token });
  }

  /** A conversation that may not be entered is no reason to forget who one is. */
  #dropCredentials() {
    this.#forgetConversation();
    if (!this.#link.reason.startsWith("CONVERSATION_")) this.#forgetToken();
  }

  #forgetToken() {
    this.#token = null;
    this.#do({ do: "token", token: null });
  }

  #forgetConversation() {
    if (this.#conversation !== null) this.#emit("reset", { reason: "conversation_left", keep: 0 });
    this.#conversation = null;
    this.#journal.reset();
    this.#receipts.reset();
  }

  /** Asks once for what is missing; if it stays missing, begins again from a new connection. */
  #askForHole(now) {
    if (this.#holeAsked === this.lastSeq) return this.#link.giveUp("hole in the journal", now);
    this.#holeAsked = this.lastSeq;
    const frame = {
      type: "resume",
      conversation: this.#conversation,
      last_seq: this.lastSeq,
      epoch: this.#journal.epoch,
    };
    return this.#do({ do: "send", frame });
  }

  #entered(detail) {
    if (!this.#link.online) {
      this.#caughtUp = false;
      this.#refuted = false;
      this.#sending.pump(0); // gives the turn to send to another tab
    }
    this.#tell(detail);
  }

  #tell(detail) {
    this.#emit("state", { state: this.status, offline: this.offline && !this.#refuted, ...detail });
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
