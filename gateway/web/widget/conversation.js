/**
 * Between the SDK's client and what is drawn: keeps the transcript and the state of the connection.
 */

import { Transcript } from "./transcript.js";

const TRAY_LIMIT = 48;
const TYPING_SHOWN_MS = 8_000;
const CONNECTING_SHOWN_AFTER_MS = 700;

export class Conversation {
  #recent;
  #asset;
  #handlers;
  #state = "idle";
  #offline = false;
  #wasOnline = false;
  #ended = false;
  #handedOver = false;
  #since = 0;
  /** @type {Map<string, any>} Pictures uploaded by this page, for their rows until the entries come. */
  #uploaded = new Map();
  #quiet = /** @type {any} */ (0);

  /**
   * @param {import("../sdk/client.js").Client} client
   * @param {import("./stickers.js").Recent} recent
   * @param {(path: string) => string} asset
   * @param {{changed: () => void, spoke: (entry: any) => void, ready: () => void}} handlers
   */
  constructor(client, recent, asset, handlers) {
    this.client = client;
    this.transcript = new Transcript();
    this.loaded = !client.known;
    this.#recent = recent;
    this.#asset = asset;
    this.#handlers = handlers;
    for (const message of client.pending) this.transcript.message(this.#known(message));
    this.#listen();
  }

  /**
   * Stickers for the tray: frequently used ones for no words, else what a search for the words finds.
   * @param {string} query
   */
  async find(query) {
    const found = query ? await this.#search(query) : null;
    return found ?? (await this.client.suggest(query, { limit: TRAY_LIMIT })) ?? [];
  }

  /**
   * Uploads a picture and sends it.
   * @param {Blob} file
   * @param {{onProgress: (share: number) => void, signal: AbortSignal}} options
   */
  async sendPicture(file, options) {
    const image = await this.client.uploadImage(file, options);
    if (options.signal.aborted) return;
    this.#uploaded.set(image.id, image);
    this.client.send({ image: image.id });
  }

  async #search(query) {
    const address = new URL(this.#asset("/v1/stickers/search"));
    address.search = new URLSearchParams({ q: query, limit: String(TRAY_LIMIT) }).toString();
    try {
      const answer = await fetch(address, { credentials: "omit" });
      return answer.ok ? (await answer.json()).stickers : null;
    } catch {
      return null; // the page's policy or the network: the socket may still answer
    }
  }

  /**
   * What the header and the banner say.
   * @param {any} strings
   * @returns {{status: string, live: boolean, trouble: {text: string, action?: string, act?: () => void}|null}}
   */
  standing(strings) {
    const live = this.#state === "online";
    const spoken = this.#handedOver ? strings.handedOver : strings.online;
    return { status: live || this.#state === "idle" ? spoken : strings.connecting, live, trouble: this.#trouble(strings) };
  }

  #trouble(strings) {
    if (this.#state === "stopped") {
      return { text: strings.stopped, action: strings.restart, act: () => this.client.open() };
    }
    if (this.#ended) {
      return { text: strings.closed, action: strings.newConversation, act: () => this.client.renew() };
    }
    if (this.#state === "online" || this.#state === "idle") return null;
    if (this.#offline) return { text: strings.offline };
    if (this.#wasOnline || this.#state === "waiting") return { text: strings.reconnecting };
    return Date.now() - this.#since > CONNECTING_SHOWN_AFTER_MS ? { text: strings.connecting } : null;
  }

  #listen() {
    const { client, transcript } = this;
    const on = (event, act) =>
      client.on(event, (data) => {
        act(data);
        this.#handlers.changed();
      });
    on("state", (state) => this.#stateChanged(state));
    on("welcome", (welcome) => this.#head(welcome.state));
    on("caught_up", () => {
      this.loaded = true;
      this.#handlers.ready();
    });
    on("reset", ({ keep }) => transcript.reset(keep));
    on("gap", (gap) => transcript.gap(gap));
    on("entry", (entry) => this.#entry(entry));
    on("draft", (draft) => transcript.draft(draft));
    on("typing", (typing) => this.#typing(typing));
    on("turn_ended", ({ turn }) => transcript.turnOver(turn));
    on("message", (message) => transcript.message(this.#known(message)));
    on("discarded", ({ client_msg_id }) => transcript.discard(client_msg_id));
    on("error", ({ reason }) => reason === "CONVERSATION_CLOSED" && this.#head("closed"));
  }

  #stateChanged({ state, offline }) {
    if (state !== this.#state) this.#since = Date.now();
    this.#state = state;
    this.#offline = offline;
    if (state === "online") this.#wasOnline = true;
    else this.transcript.disconnected();
    if (state === "connecting") setTimeout(this.#handlers.changed, CONNECTING_SHOWN_AFTER_MS + 50);
  }

  /** A person who stops typing may not say so: what is not repeated ends by itself. A turn says when it ends. */
  #typing(typing) {
    this.transcript.typing(typing);
    if (typing.turn || !typing.active) return;
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      this.transcript.typing({ ...typing, active: false });
      this.#handlers.changed();
    }, TYPING_SHOWN_MS);
  }

  #head(state) {
    this.#ended = state === "closed";
    this.#handedOver = state === "handed_over";
  }

  #entry(entry) {
    this.transcript.entry(entry);
    if (entry.notice?.kind === "closed") this.#head("closed");
    if (entry.notice?.kind === "handed_over") this.#head("handed_over");
    if (entry.author !== "customer" && !entry.replayed) this.#handlers.spoke(entry);
  }

  /** A message on its way names its sticker or picture by id; what was tapped or uploaded here is known. */
  #known(message) {
    const sticker = this.#recent.stickers.find(({ id }) => id === message.sticker) ?? message.sticker;
    return { ...message, sticker, image: this.#uploaded.get(message.image) ?? message.image };
  }
}
