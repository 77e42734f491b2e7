/**
 * Where a server is, and for which of its shops.
 */

import { StickerdeskError } from "./protocol.js";

export class Address {
  #url;

  /**
   * @param {string} url As http(s), ws(s) or a path.
   * @param {string} [tenant] The shop; default: what `?tenant=` in the url says.
   * @throws {StickerdeskError} BAD_URL.
   */
  constructor(url, tenant) {
    try {
      this.#url = new URL(url, globalThis.location?.href);
    } catch {
      throw new StickerdeskError("BAD_URL", `not a server's address: ${url}`);
    }
    this.#url.protocol = this.#url.protocol.replace("http", "ws");
    if (!/^wss?:$/.test(this.#url.protocol)) throw new StickerdeskError("BAD_URL", `not a server's address: ${url}`);
    if (this.#url.pathname === "/") this.#url.pathname = "/v1/ws";
    if (tenant) this.#url.searchParams.set("tenant", tenant);
  }

  /** For the WebSocket. */
  get socket() {
    return this.#url.href;
  }

  /** @returns {string|undefined} The shop, where it is named. */
  get tenant() {
    return this.#url.searchParams.get("tenant") ?? undefined;
  }

  /** What is kept for one shop is never shown to another on the same server: the name under which it is kept. */
  get place() {
    return this.tenant ? `${this.#url.host}/${this.tenant}` : this.#url.host;
  }

  /** Where pictures are posted. @param {string} [locale] Of refusals. */
  images(locale) {
    const url = new URL("images", this.#url);
    url.protocol = url.protocol.replace("ws", "http");
    if (locale) url.searchParams.set("locale", locale);
    return url;
  }
}
