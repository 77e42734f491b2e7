/**
 * Between the SDK's client and what is drawn: keeps the transcript and the state of the connection.
 */

import { Transcript } from "./transcript.js";

const TRAY_LIMIT = 48;
const TYPING_SHOWN_MS = 8_000;
const SLOW_AFTER_MS = 4_000;
const GOODBYE = /^\W*(?:(?:ok(?:ay)?|thanks?|thank you|谢谢|好的?)\W*)*(?:good\s?bye|bye(?:[\s-]?bye)?|see you|that(?:'|’)?s all|再见|拜拜|88|没别的了|没有了)(?:\W|$)/iu;

/** Whether a text takes leave, in either language. @param {string} text */
export const saysGoodbye = (text) => text.length <= 80 && GOODBYE.test(text);

export class Conversation {
  #recent;
  #asset;
  #handlers;
  #state = "idle";
  #offline = false;
  #wasOnline = false;
  #ended = false;
  #handedOver = false;
  /** Whether a person has come to whom the conversation was handed over. */
  #agent = false;
  /** Whether the service behind the edge is in reach. */
  #served = true;
  #since = 0;
  /** @type {Map<string, any>} Pictures uploaded by this page, for their rows until the entries come. */
  #uploaded = new Map();
  #quiet = /** @type {any} */ (0);
  #line = /** @type {{position: number, wait_s?: number}|null} */ (null);
  #base = /** @type {number|null} */ (null);
  #asking = false;
  #goodbye = false;

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
   * @returns {Promise<any[]|null>} Null when nobody could be asked.
   */
  async find(query) {
    const found = query ? await this.#search(query) : null;
    return found ?? this.client.suggest(query, { limit: TRAY_LIMIT });
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

  /** Whether the customer may be asked how it was: it is over, or they said goodbye and were answered. */
  get over() {
    return this.#ended || (this.#goodbye && this.transcript.turn === null);
  }

  /** How many messages of others wait to be read; those of an earlier visit are known only with receipts. */
  get unread() {
    return this.#base === null ? 0 : this.transcript.since(Math.max(this.client.readSeq, this.#base));
  }

  /** Asks for what was said before what is shown. @returns {Promise<boolean>} Whether anything came. */
  async earlier() {
    const before = this.transcript.more;
    if (before === null || this.#asking) return false;
    this.#asking = true;
    try {
      this.transcript.earlier(before, await this.client.history({ before }));
    } catch {
      return false; // the line stays, and so does the way to ask again
    } finally {
      this.#asking = false;
    }
    this.#handlers.changed();
    return true;
  }

  async #search(query) {
    const address = new URL(this.#asset("/v1/stickers/search"));
    const { tenant } = this.client;
    address.search = new URLSearchParams({ q: query, limit: String(TRAY_LIMIT), ...(tenant && { tenant }) }).toString();
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
    const live = this.#state === "online" && this.#served && !this.#offline;
    return { status: this.#status(strings, live), live, trouble: this.#trouble(strings) };
  }

  #status(strings, live) {
    if (this.#state === "stopped") return strings.unconnected;
    if (this.#offline && this.#state !== "idle") return strings.away;
    if (!live && this.#state !== "idle") return strings.connecting;
    if (!this.#handedOver && !this.#line) return strings.online;
    return this.#agent ? strings.handedOver : strings.waitsForPerson;
  }

  #trouble(strings) {
    if (this.#state === "stopped") {
      return { text: strings.stopped, action: strings.restart, act: () => this.client.open() };
    }
    if (this.#ended) {
      return { text: strings.closed, action: strings.newConversation, act: () => this.client.renew() };
    }
    if (this.#offline && this.#state !== "idle") return { text: strings.offline };
    if (this.#state === "online" && !this.#served) return { text: strings.reconnecting };
    if (this.#state === "online" || this.#state === "idle") return this.#waits(strings);
    if (this.#wasOnline || this.#state === "waiting") return { text: strings.reconnecting };
    return Date.now() - this.#since > SLOW_AFTER_MS ? { text: strings.slow } : null;
  }

  #waits(strings) {
    if (!this.#line) return null;
    const { position, wait_s } = this.#line;
    return { text: strings.queue(position, wait_s ? Math.max(1, Math.round(wait_s / 60)) : 0) };
  }

  #listen() {
    const { client, transcript } = this;
    const on = (event, act) =>
      client.on(event, (data) => {
        act(data);
        this.#handlers.changed();
      });
    on("state", (state) => this.#stateChanged(state));
    on("welcome", (welcome) => {
      this.#served = true;
      this.#head(welcome.state);
    });
    on("service", ({ available }) => (this.#served = available));
    on("caught_up", () => {
      this.loaded = true;
      this.#base ??= client.readSeq ? 0 : client.lastSeq;
      this.#handlers.ready();
    });
    on("reset", ({ keep }) => this.#reset(keep));
    on("receipt", (receipt) => transcript.receipt(receipt));
    on("read", () => {});
    on("queue", (queue) => this.#inLine(queue));
    on("gap", (gap) => transcript.gap(gap));
    on("entry", (entry) => this.#entry(entry));
    on("draft", (draft) => transcript.draft(draft));
    on("typing", (typing) => this.#typing(typing));
    on("turn_ended", ({ turn }) => transcript.turnOver(turn));
    on("message", (message) => transcript.message(this.#known(message)));
    on("discarded", ({ client_msg_id }) => transcript.discard(client_msg_id));
    on("error", ({ reason }) => reason === "CONVERSATION_CLOSED" && this.#head("closed"));
  }

  #reset(keep) {
    this.transcript.reset(keep);
    if (keep > 0) return;
    this.#base = 0;
    this.#goodbye = false;
    this.#line = null;
  }

  #stateChanged({ state, offline }) {
    if (state !== this.#state) this.#since = Date.now();
    this.#state = state;
    this.#offline = offline;
    if (state === "online") this.#wasOnline = true;
    else this.transcript.disconnected();
    if (state === "connecting") setTimeout(this.#handlers.changed, SLOW_AFTER_MS + 50);
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
    if (!this.#handedOver) {
      this.#line = null;
      this.#agent = false;
    }
  }

  /** Who is in the line waits for a person, also when one has left. */
  #inLine(queue) {
    this.#line = queue.position > 0 ? queue : null;
    if (this.#line) this.#agent = false;
  }

  #entry(entry) {
    this.transcript.entry(entry);
    if (entry.notice?.kind === "closed") this.#head("closed");
    if (entry.notice?.kind === "handed_over") this.#head("handed_over");
    if (entry.notice?.kind === "agent_left") this.#agent = false;
    if (entry.author === "agent" || entry.notice?.kind === "agent_joined") {
      this.#line = null;
      this.#agent = true;
    }
    if (entry.author === "customer" && entry.text) this.#goodbye = !entry.replayed && saysGoodbye(entry.text);
    if (entry.author !== "customer" && !entry.replayed) this.#handlers.spoke(entry);
  }

  /** A message on its way names its sticker or picture by id; what was tapped or uploaded here is known. */
  #known(message) {
    const sticker = this.#recent.stickers.find(({ id }) => id === message.sticker) ?? message.sticker;
    return { ...message, sticker, image: this.#uploaded.get(message.image) ?? message.image };
  }
}
