/**
 * The desk's lists as the edge tells them. Pure: events go in, sections come out.
 */

/** @typedef {Record<string, any>} Summary A conversation as the edge lists it. */

export class Board {
  /** @type {Map<string, Summary>} */
  #known = new Map();
  /** @type {Map<string, number>} The seq up to which a conversation was looked at. */
  #seen = new Map();
  #me = "";

  /** @param {string} me The agent's id. */
  begin(me) {
    this.#me = me;
    this.#known.clear();
  }

  /** @param {{conversations: Summary[]}} listed @param {number} now */
  listed({ conversations }, now) {
    this.#known = new Map(conversations.map((one) => [one.conversation, this.#dated(one, now)]));
  }

  /** @param {Summary} one @param {number} now */
  changed(one, now) {
    this.#known.set(one.conversation, this.#dated(one, now));
  }

  /** @param {{conversation: string}} gone */
  removed({ conversation }) {
    this.#known.delete(conversation);
  }

  /** Its newest was looked at. @param {string} conversation @param {number} seq */
  seen(conversation, seq) {
    this.#seen.set(conversation, Math.max(seq, this.#seen.get(conversation) ?? 0));
  }

  /** @param {string} conversation */
  get(conversation) {
    return this.#known.get(conversation);
  }

  /** @param {Summary|undefined} one */
  isMine(one) {
    return one?.agent?.id === this.#me;
  }

  /** Those that wait first come first, mine and others' longest first. */
  get sections() {
    const all = [...this.#known.values()];
    const since = (key) => (a, b) => String(a[key] ?? "").localeCompare(String(b[key] ?? ""));
    const waiting = all.filter(waits).sort(since("waiting_since"));
    return {
      mine: all.filter((one) => this.isMine(one)).sort(since("taken_at")),
      waiting: waiting.map((one, place) => ({ ...one, position: place + 1 })),
      others: all.filter((one) => one.agent && !this.isMine(one)).sort(since("taken_at")),
    };
  }

  /** Whether the customer said something since it was looked at. @param {Summary} one */
  unread(one) {
    return one.last_author === "customer" && one.last_seq > (this.#seen.get(one.conversation) ?? 0);
  }

  /** How many want somebody now: those that wait, and my customers who wrote. */
  get calls() {
    const { mine, waiting } = this.sections;
    return waiting.length + mine.filter((one) => this.unread(one)).length;
  }

  /** The edge's clock is not ours: what counts is how long it was when it was told. */
  #dated(one, now) {
    return one.waited_s === undefined ? one : { ...one, waits_from: now - one.waited_s * 1000 };
  }
}

const waits = (one) => one.state === "handed_over" && !one.agent;
