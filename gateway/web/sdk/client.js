/**
 * The shell around the machine: a socket, a clock, a timer, a storage.
 */

import { Address } from "./address.js";
import { Machine } from "./machine.js";
import { prepare, upload } from "./pictures.js";
import { freshId, watchPage } from "./platform.js";
import { encode, lastOf, MAX_TEXT_CHARS, StickerdeskError, SUBPROTOCOL } from "./protocol.js";
import { Requests } from "./requests.js";
import { Store, usualStorage } from "./store.js";
import { Suggesting } from "./suggesting.js";
import { Tabs } from "./tabs.js";
import { unsupported, Uploads } from "./uploads.js";

const TYPING_EVERY_MS = 3_000;

export class Client {
  #machine;
  #store;
  #address;
  /** @type {any} */
  #WebSocket;
  /** @type {WebSocket|null} */
  #socket = null;
  #timer = null;
  /** @type {Map<string, Set<Function>>} */
  #listeners = new Map();
  #suggesting = new Suggesting();
  #typedAt = -Infinity;
  /** @type {(() => void)|null} */
  #unlisten = null;
  #requests = new Requests();
  #uploads;
  #uploadsSpoken = true;
  /** @type {Tabs|null} */
  #tabs = null;
  #refreshToken;

  /** @param {import("./index.d.ts").ConnectOptions} options */
  constructor({ url, tenant, token, locale, storage, client, WebSocket = globalThis.WebSocket, random, refreshToken } = {}) {
    if (!WebSocket) throw new StickerdeskError("NO_WEBSOCKET", "this platform has no WebSocket: pass one in");
    this.#address = new Address(url ?? globalThis.location?.origin ?? "", tenant);
    this.#WebSocket = WebSocket;
    this.#store = new Store(this.#address.place, storage === undefined ? usualStorage() : storage);
    if (token) this.#store.token = token;
    this.#refreshToken = refreshToken;
    const shared = storage === undefined && Tabs.supported;
    this.#machine = new Machine({ locale, client, outbox: this.#store.outbox(), random, shared });
    if (shared) this.#joinTabs();
    this.#uploads = new Uploads({
      online: () => this.#machine.ready && this.#socket?.readyState === 1,
      send: (frame) => this.#run(this.#machine.ephemeral(frame)),
      bytes: (piece) => this.#socket?.send(piece),
      buffered: () => this.#socket?.bufferedAmount ?? 0,
    });
  }

  /** @returns {string|undefined} Whose customer it is, where it is named. */
  get tenant() {
    return this.#address.tenant;
  }

  get state() {
    return this.#machine.status;
  }

  get conversation() {
    return this.#machine.conversation;
  }

  get lastSeq() {
    return this.#machine.lastSeq;
  }

  /** @returns {string|undefined} The language asked for from the next connection on. */
  get locale() {
    return this.#machine.locale;
  }

  set locale(locale) {
    this.#machine.locale = locale;
  }

  /** Messages that are not acknowledged, oldest first. */
  get pending() {
    return this.#machine.outbox.list();
  }

  /** The last entry that the customer has seen, here, in another tab or on another device. */
  get readSeq() {
    return this.#machine.readSeq;
  }

  /** What the customer was writing, as the last page or another tab left it. */
  get draft() {
    return this.#store.draft;
  }

  set draft(text) {
    if (text === this.#store.draft) return;
    this.#store.draft = text;
    this.#tabs?.tell({ draft: text });
  }

  /** Whether an earlier visit left a token. */
  get known() {
    return this.#store.token !== null;
  }

  /** Connects, or connects again after a stop. */
  open() {
    if (this.#tabs?.closed) this.#joinTabs();
    this.#unlisten ??= watchPage({
      offline: () => this.#run(this.#machine.wentOffline(Date.now())),
      online: () => this.#run(this.#machine.wentOnline(Date.now())),
    });
    this.#run(this.#machine.start(Date.now()));
    return this;
  }

  /** Says goodbye. Messages that are not acknowledged stay stored and are sent by the next visit. */
  close() {
    this.#run(this.#machine.stop());
    this.#unlisten?.();
    this.#unlisten = null;
    this.#tabs?.close();
  }

  /** Leaves this conversation and begins the next; with `forgetVisitor` as somebody else. */
  renew(options) {
    this.#run(this.#machine.renew(Date.now(), options));
  }

  /**
   * Sends a text, a sticker or an uploaded picture, now or as soon as there is a connection.
   * @param {{text?: string, sticker?: string, image?: string}} content
   * @returns {string} Its client_msg_id.
   * @throws {StickerdeskError} EMPTY or TEXT_TOO_LONG.
   */
  send({ text, sticker, image }) {
    const said = text?.trim();
    if ([said, sticker, image].filter(Boolean).length !== 1) {
      throw new StickerdeskError("EMPTY", "exactly one of text, sticker and image is required");
    }
    if (said && [...said].length > MAX_TEXT_CHARS) {
      throw new StickerdeskError("TEXT_TOO_LONG", `at most ${MAX_TEXT_CHARS} characters`);
    }
    const id = freshId();
    this.#typedAt = -Infinity;
    this.#run(this.#machine.send({ client_msg_id: id, text: said || undefined, sticker, image }, Date.now()));
    return id;
  }

  /**
   * Uploads a picture, made smaller first where it is large; `send({ image: id })` then sends it. It goes in pieces
   * over the socket, waits while there is none and then goes on where it was; to a server without that, by HTTP.
   * @param {Blob} file
   * @param {{onProgress?: (share: number) => void, signal?: AbortSignal}} [options]
   * @throws {StickerdeskError} With the reason of the refusal, NETWORK, or ABORTED.
   */
  async uploadImage(file, options = {}) {
    const picture = await prepare(file);
    this.open();
    if (this.#uploadsSpoken) {
      try {
        return await this.#uploads.take(picture, options);
      } catch (error) {
        if (!unsupported(error)) throw error;
        this.#uploadsSpoken = false;
      }
    }
    return this.#post(picture, options);
  }

  /** Uploads a picture and sends it. @returns {Promise<string>} Its client_msg_id. */
  async sendImage(file, options) {
    const { id } = await this.uploadImage(file, options);
    return this.send({ image: id });
  }

  /** Sends a failed message again. @param {string} id */
  retry(id) {
    this.#run(this.#machine.retry(id, freshId(), Date.now()));
  }

  /** Gives a failed message up. @param {string} id */
  discard(id) {
    this.#run(this.#machine.discard(id));
  }

  /**
   * Asks for stickers for what is being typed. A newer question supersedes an older one.
   * @param {string} text
   * @param {{limit?: number}} [options]
   * @returns {Promise<object[]|null>} Best first; null when superseded, not connected, or too late.
   */
  suggest(text, { limit } = {}) {
    if (this.#machine.ready) return this.#suggesting.ask(text, limit, (frame) => this.#run(this.#machine.ephemeral(frame)));
    this.#suggesting.supersede();
    return Promise.resolve(null);
  }

  /**
   * Entries before one that is known, for scrolling up.
   * @param {{before: number, limit?: number}} range
   * @returns {Promise<{entries: object[], has_more: boolean}>} Oldest first.
   * @throws {StickerdeskError} The server's reason, or TIMEOUT.
   */
  async history({ before, limit = 50 }) {
    const id = freshId();
    const answer = this.#requests.wait(id);
    this.#run(this.#machine.ask(id, { type: "history", history_id: id, before_seq: before, limit }));
    const { entries, has_more } = await answer;
    return { entries, has_more };
  }

  /**
   * Tells how satisfied the customer is.
   * @param {{score: number, comment?: string}} rating Score from 1 to 5.
   * @throws {StickerdeskError} The server's reason, or TIMEOUT.
   */
  async rate({ score, comment }) {
    const id = freshId();
    const answer = this.#requests.wait(id);
    this.#run(this.#machine.ask(id, { type: "rating", rating_id: id, score, comment: comment?.trim() || undefined }));
    await answer;
  }

  /** The customer has seen everything up to this entry. @param {number} seq */
  markRead(seq) {
    this.#run(this.#machine.read(seq, Date.now()));
  }

  /** Tells that an offered sticker was chosen or waved away. */
  feedback({ sticker, kind, position, text }) {
    this.#run(this.#machine.ephemeral({ type: "feedback", sticker, kind, position, text: (text && lastOf(text)) || undefined }));
  }

  /** The customer types; told at most every few seconds. @param {boolean} active */
  typing(active) {
    const now = Date.now();
    const silent = this.#typedAt === -Infinity;
    if (active ? now - this.#typedAt < TYPING_EVERY_MS : silent) return;
    this.#typedAt = active ? now : -Infinity;
    this.#run(this.#machine.ephemeral({ type: "typing", active }));
  }

  /** Stops the answer that is being written. @param {string} [turn] */
  stop(turn) {
    this.#run(this.#machine.ephemeral({ type: "stop", turn }));
  }

  /**
   * Listens. `*` hears everything, with the event's name as second argument.
   * @param {string} event
   * @param {Function} listener
   * @returns {() => void} Stops listening.
   */
  on(event, listener) {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  async #post(picture, { onProgress, signal } = /** @type {any} */ ({})) {
    const token = this.#store.token ?? (await this.#welcomed(signal));
    return upload({ url: this.#address.images(this.locale), token, picture, onProgress, signal });
  }

  /** Who has no token yet gets one by the first welcome. */
  #welcomed(signal) {
    this.open();
    return new Promise((resolve, reject) => {
      const off = this.on("welcome", ({ token }) => resolve((off(), token)));
      const give = () => reject((off(), new StickerdeskError("ABORTED", "the upload was given up")));
      signal?.addEventListener("abort", give, { once: true });
    });
  }

  // ---- inside ----------------------------------------------------------------------------------------------------

  #run(effects) {
    for (const effect of effects) this.#carryOut(effect);
    this.#arm();
  }

  #carryOut(effect) {
    switch (effect.do) {
      case "open":
        return this.#openSocket();
      case "close":
        return this.#closeSocket(effect.code, effect.reason);
      case "send":
        return this.#socket?.readyState === 1 && this.#socket.send(encode(effect.frame));
      case "token":
        this.#store.token = effect.token;
        return undefined;
      case "keep":
        this.#store.keep(effect.message);
        return this.#tabs?.tell({ kept: effect.message });
      case "drop":
        this.#store.drop(effect.id);
        return this.#tabs?.tell({ dropped: effect.id, sent: effect.sent });
      case "turn":
        return this.#tabs?.want(effect.wanted);
      case "refresh":
        return void this.#refresh();
      default:
        return this.#emit(effect.event, effect.data);
    }
  }

  #openSocket() {
    let socket;
    try {
      socket = new this.#WebSocket(this.#address.socket, SUBPROTOCOL);
    } catch {
      // Refused by the platform (a policy, a blocked port): the same as a connection that broke.
      queueMicrotask(() => this.#run(this.#machine.closed(1006, "", Date.now())));
      return;
    }
    this.#socket = socket;
    const current = (handler) => (event) => this.#socket === socket && this.#run(handler(event));
    socket.onopen = current(() => this.#machine.opened(this.#store.token, Date.now()));
    socket.onmessage = current((event) => this.#machine.frame(this.#parse(event.data), Date.now()));
    socket.onclose = current((event) => {
      this.#socket = null;
      return this.#machine.closed(event.code, event.reason, Date.now());
    });
    socket.onerror = () => {};
  }

  /** Lets go of the socket at once: a dead network may take minutes to confirm a close. */
  #closeSocket(code, reason) {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(code, reason);
  }

  #parse(data) {
    try {
      return JSON.parse(data);
    } catch {
      return null;
    }
  }

  #emit(event, data) {
    this.#serve(event, data);
    for (const listener of this.#listeners.get(event) ?? []) this.#call(listener, data, event);
    for (const listener of this.#listeners.get("*") ?? []) this.#call(listener, data, event);
  }

  #call(listener, data, event) {
    try {
      listener(data, event);
    } catch (error) {
      // A listener's fault is reported and must not break the connection.
      setTimeout(() => {
        throw error;
      });
    }
  }

  #arm() {
    clearTimeout(this.#timer);
    const due = this.#machine.due();
    if (due === null) return;
    this.#timer = setTimeout(() => this.#run(this.#machine.tick(Date.now())), Math.max(10, due - Date.now()));
  }

  /** What the client itself makes of an event, before the application hears it. */
  #serve(event, data) {
    if (event === "suggestions") this.#suggesting.answered(data);
    else if (event === "answered") this.#requests.answered(data);
    else if (event === "refused") this.#requests.refused(data);
    else if (event === "read" && data.here) this.#tabs?.tell({ read: data.seq, conversation: this.conversation });
    else if (event === "caught_up") this.#uploads.online();
    else if (event === "state" && data.state !== "online") this.#uploads.lost();
    else if (event === "error") this.#uploads.refused(data);
    else if (event.startsWith("upload_")) this.#uploads.heard(data);
  }

  #joinTabs() {
    this.#tabs = new Tabs(`stickerdesk:${this.#address.place}`, {
      turn: () => this.#run(this.#machine.granted(this.#store.outbox(), Date.now())),
      news: (news) => this.#news(news),
    });
  }

  #news(news) {
    if (news.kept || news.dropped) this.#run(this.#machine.elsewhere(news, Date.now()));
    if (news.read && news.conversation === this.conversation) this.#run(this.#machine.readElsewhere(news.read));
    if (typeof news.draft === "string") this.#emit("draft_elsewhere", { text: news.draft });
  }

  /** The token ends soon: the application's server gives the next one, or the edge a visitor's. */
  async #refresh() {
    try {
      const token = await this.#refreshToken?.();
      this.#run(this.#machine.refresh(token ?? ""));
    } catch {
      // Without a new token the session goes on until the old one ends, and says so by its close.
    }
  }
}
