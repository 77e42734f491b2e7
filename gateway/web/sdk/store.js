/**
 * What survives a reload: the visitor's token and the messages that are not acknowledged, in a Storage.
 *
 * Each message has its own key, so that tabs that share a visitor never overwrite each other's. Where storage is
 * refused (private mode, third-party frames) everything works, and lasts as long as the page.
 */

/** @returns {Storage|null} */
export function usualStorage() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

export class Store {
  #storage;
  #prefix;
  /** @type {Map<string, string>} */
  #memory = new Map();

  /**
   * @param {string} server Its host, and the tenant: what is kept for one is never sent to another.
   * @param {Storage|null} [storage]
   */
  constructor(server, storage = usualStorage()) {
    this.#storage = storage;
    this.#prefix = `stickerdesk:${server}:`;
  }

  /** @returns {string|null} */
  get token() {
    return this.#get("token");
  }

  set token(value) {
    this.#set("token", value);
  }

  /** @param {{client_msg_id: string}} message */
  keep(message) {
    const { client_msg_id, text, sticker, image, at, status, reason, detail } = /** @type {any} */ (message);
    const kept = { client_msg_id, text, sticker, image, at, status, reason, detail };
    this.#set(`out:${client_msg_id}`, JSON.stringify(kept));
  }

  /** @param {string} id */
  drop(id) {
    this.#set(`out:${id}`, null);
  }

  /** What the customer was writing, for the next page and the other tabs. @returns {string} */
  get draft() {
    return this.#get("draft") ?? "";
  }

  set draft(text) {
    this.#set("draft", text || null);
  }

  /** @returns {object[]} The messages that were kept. */
  outbox() {
    const messages = [];
    for (const key of this.#keys()) {
      if (!key.startsWith("out:")) continue;
      try {
        messages.push(JSON.parse(this.#get(key) ?? ""));
      } catch {
        this.#set(key, null);
      }
    }
    return messages;
  }

  #keys() {
    const all = new Set([...Object.keys(this.#storage ?? {}), ...this.#memory.keys()]);
    return [...all].filter((key) => key.startsWith(this.#prefix)).map((key) => key.slice(this.#prefix.length));
  }

  #get(key) {
    const name = this.#prefix + key;
    return this.#memory.get(name) ?? this.#storage?.getItem(name) ?? null;
  }

  #set(key, value) {
    const name = this.#prefix + key;
    this.#memory.delete(name);
    try {
      if (value === null) this.#storage?.removeItem(name);
      else if (this.#storage) this.#storage.setItem(name, value);
      else this.#memory.set(name, value);
    } catch {
      this.#memory.set(name, value);
    }
  }
}
