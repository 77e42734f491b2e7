/**
 * The shell around the machine: a socket, a clock, a timer, a storage.
 */

import { Machine } from "./machine.js";
import { prepare, upload } from "./pictures.js";
import { MAX_SUGGEST_CHARS, MAX_TEXT_CHARS, StickerdeskError, SUBPROTOCOL } from "./protocol.js";
import { Store } from "./store.js";

const SUGGEST_TIMEOUT_MS = 4_000;
const TYPING_EVERY_MS = 3_000;

/** Letters of a random id: unique enough among one visitor's messages. */
function freshId() {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The WebSocket address of a server given as http(s), ws(s) or a path.
 * @param {string} url
 * @returns {URL}
 */
function socketUrl(url) {
  const base = globalThis.location?.href;
  let address;
  try {
    address = new URL(url, base);
  } catch {
    throw new StickerdeskError("BAD_URL", `not a server's address: ${url}`);
  }
  address.protocol = address.protocol.replace("http", "ws");
  if (!/^wss?:$/.test(address.protocol)) throw new StickerdeskError("BAD_URL", `not a server's address: ${url}`);
  if (address.pathname === "/") address.pathname = "/v1/ws";
  return address;
}

export class Client {
  #machine;
  #store;
  #url;
  /** @type {any} */
  #WebSocket;
  /** @type {WebSocket|null} */
  #socket = null;
  #timer = null;
  /** @type {Map<string, Set<Function>>} */
  #listeners = new Map();
  /** @type {{id: string, done: (stickers: object[]|null) => void}|null} */
  #suggesting = null;
  #suggestions = 0;
  #typedAt = -Infinity;
  /** @type {(() => void)|null} */
  #unlisten = null;

  /** @param {import("./index.d.ts").ConnectOptions} options */
  constructor({ url, token, locale, storage, client, WebSocket = globalThis.WebSocket, random } = {}) {
    if (!WebSocket) throw new StickerdeskError("NO_WEBSOCKET", "this platform has no WebSocket: pass one in");
    this.#url = socketUrl(url ?? globalThis.location?.origin ?? "");
    this.#WebSocket = WebSocket;
    this.#store = new Store(this.#url.host, storage);
    if (token) this.#store.token = token;
    this.#machine = new Machine({ locale, client, outbox: this.#store.outbox(), random });
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

  /** Whether an earlier visit left a token. */
  get known() {
    return this.#store.token !== null;
  }

  /** Connects, or connects again after a stop. */
  open() {
    this.#unlisten ??= this.#watchPlatform();
    this.#run(this.#machine.start(Date.now()));
    return this;
  }

  /** Says goodbye. Messages that are not acknowledged stay stored and are sent by the next visit. */
  close() {
    this.#run(this.#machine.stop());
    this.#unlisten?.();
    this.#unlisten = null;
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
   * Uploads a picture, made smaller first where it is large; `send({ image: id })` then sends it.
   * @param {Blob} file
   * @param {{onProgress?: (share: number) => void, signal?: AbortSignal}} [options]
   * @throws {StickerdeskError} With the reason of the refusal, NETWORK, or ABORTED.
   */
  async uploadImage(file, { onProgress, signal } = {}) {
    const picture = await prepare(file);
    const token = this.#store.token ?? (await this.#welcomed(signal));
    const url = new URL("images", this.#url);
    url.protocol = url.protocol.replace("ws", "http");
    if (this.locale) url.searchParams.set("locale", this.locale);
    return upload({ url, token, picture, onProgress, signal });
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
    this.#suggesting?.done(null);
    this.#suggestions += 1;
    const id = `s${this.#suggestions}`;
    if (!this.#machine.ready) return Promise.resolve(null);
    const frame = { type: "suggest", suggest_id: id, text: text.slice(-MAX_SUGGEST_CHARS), limit };
    const answer = new Promise((resolve) => {
      const late = setTimeout(() => this.#suggesting?.id === id && this.#suggesting.done(null), SUGGEST_TIMEOUT_MS);
      const done = (stickers) => {
        clearTimeout(late);
        this.#suggesting = null;
        resolve(stickers);
      };
      this.#suggesting = { id, done };
    });
    this.#run(this.#machine.ephemeral(frame));
    return answer;
  }

  /** Tells that an offered sticker was chosen or waved away. */
  feedback({ sticker, kind, position, text }) {
    const typed = text?.slice(-MAX_SUGGEST_CHARS) || undefined;
    this.#run(this.#machine.ephemeral({ type: "feedback", sticker, kind, position, text: typed }));
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
        return this.#socket?.readyState === 1 && this.#socket.send(JSON.stringify(effect.frame));
      case "token":
        this.#store.token = effect.token;
        return undefined;
      case "keep":
        return this.#store.keep(effect.message);
      case "drop":
        return this.#store.drop(effect.id);
      default:
        return this.#emit(effect.event, effect.data);
    }
  }

  #openSocket() {
    let socket;
    try {
      socket = new this.#WebSocket(this.#url.href, SUBPROTOCOL);
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
    if (event === "suggestions" && this.#suggesting?.id === data.suggest_id) this.#suggesting.done(data.stickers);
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

  #watchPlatform() {
    const page = globalThis.window;
    if (!page?.document) return null;
    const offline = () => this.#run(this.#machine.wentOffline(Date.now()));
    const online = () => this.#run(this.#machine.wentOnline(Date.now()));
    const seen = () => page.document.visibilityState === "visible" && page.navigator.onLine && online();
    page.addEventListener("offline", offline);
    page.addEventListener("online", online);
    page.document.addEventListener("visibilitychange", seen);
    return () => {
      page.removeEventListener("offline", offline);
      page.removeEventListener("online", online);
      page.document.removeEventListener("visibilitychange", seen);
    };
  }
}
