/**
 * The tabs of one visitor: they take turns in sending what waits, and tell each other what they did.
 *
 * Turns are a Web Lock, news a BroadcastChannel. Without either, each tab sends for itself: a message that goes out
 * twice under one id counts once.
 */

export class Tabs {
  #name;
  #heard;
  #channel;
  /** @type {AbortController|null} */
  #asked = null;
  #release = () => {};
  closed = false;

  /** Whether tabs can take turns here. */
  static get supported() {
    return Boolean(globalThis.window?.document && globalThis.navigator?.locks && globalThis.BroadcastChannel);
  }

  /**
   * @param {string} name One for all tabs of a visitor.
   * @param {{turn: () => void, news: (news: any) => void}} heard It is this tab's turn; another tab told something.
   */
  constructor(name, heard) {
    this.#name = name;
    this.#heard = heard;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }) => heard.news(data);
  }

  /** @param {any} news */
  tell(news) {
    if (!this.closed) this.#channel.postMessage(news);
  }

  /** Asks for the turn, or gives it to the next. @param {boolean} wanted */
  want(wanted) {
    if (!wanted) return this.#giveUp();
    if (this.#asked) return undefined;
    const asked = (this.#asked = new AbortController());
    const hold = () => new Promise((done) => this.#holding(asked, done));
    navigator.locks.request(`${this.#name}:outbox`, { signal: asked.signal }, hold).catch(() => {}); // given up
    return undefined;
  }

  close() {
    this.closed = true;
    this.#giveUp();
    this.#channel.close();
  }

  #holding(asked, done) {
    if (asked !== this.#asked) return done(undefined);
    this.#release = () => done(undefined);
    return this.#heard.turn();
  }

  #giveUp() {
    const asked = this.#asked;
    this.#asked = null;
    this.#release();
    this.#release = () => {};
    asked?.abort();
  }
}
