/**
 * The desk's way to the edge: JSON requests in the browser's session, and event streams that come back by themselves.
 */

const AGAIN_MS = 2_500;

/** What the edge refused, in words that a person reads. */
export class Refused extends Error {
  /** @param {number} status @param {{reason?: string, message?: string}} body */
  constructor(status, body) {
    super(body.message ?? "");
    this.status = status;
    this.reason = body.reason ?? "";
  }
}

/**
 * @param {string} method
 * @param {string} path Below /v1/desk.
 * @param {any} [body]
 * @returns {Promise<any>}
 */
export async function call(method, path, body) {
  const headers = { "x-stickerdesk-desk": "1", "accept-language": document.documentElement.lang };
  if (body !== undefined) headers["content-type"] = "application/json";
  const answer = await fetch(`/v1/desk${path}`, {
    method, headers, credentials: "same-origin", body: body === undefined ? undefined : JSON.stringify(body),
  }).catch(() => null);
  if (answer === null) throw new Refused(0, {});
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, said);
  return said;
}

/**
 * Sends a file.
 * @param {string} path Below /v1/desk.
 * @param {Blob} file
 * @param {AbortSignal} signal
 */
export async function send(path, file, signal) {
  const form = new FormData();
  form.append("file", file, `picture.${file.type.split("/")[1]}`); // the file's own name is nobody's business
  const headers = { "x-stickerdesk-desk": "1", "accept-language": document.documentElement.lang };
  const answer = await fetch(`/v1/desk${path}`, { method: "POST", headers, credentials: "same-origin", body: form, signal }).catch(() => null);
  if (answer === null) throw new Refused(0, { reason: "NETWORK" });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, said);
}

/** The path of a deed on a conversation. @param {string} conversation @param {string} deed */
export const deed = (conversation, deed) => `/conversations/${encodeURIComponent(conversation)}/${deed}`;

/**
 * Follows an event stream until it is closed. A browser reopens what breaks off, with the place where it was; what was
 * refused is opened again here, unless nobody may see it any more.
 */
export class Stream {
  #path;
  #handlers;
  #place = "";
  #source = /** @type {EventSource|null} */ (null);
  #timer = /** @type {any} */ (0);
  #over = false;

  /**
   * @param {string} path Below /v1/desk.
   * @param {Record<string, (data: any) => void>} events By name.
   * @param {{live: (live: boolean) => void, refused: () => void}} handlers `refused`: it did not even open.
   */
  constructor(path, events, handlers) {
    this.#path = path;
    this.events = events;
    this.#handlers = handlers;
    this.#open();
  }

  close() {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#source?.close();
  }

  #open() {
    const place = this.#place ? `?last_event_id=${encodeURIComponent(this.#place)}` : "";
    const source = new EventSource(`/v1/desk${this.#path}${place}`);
    this.#source = source;
    source.addEventListener("open", () => this.#handlers.live(true));
    source.addEventListener("error", () => this.#broken(source));
    source.addEventListener("end", (event) => this.#ended(JSON.parse(event.data)));
    for (const [name, act] of Object.entries(this.events)) {
      source.addEventListener(name, (event) => {
        if (event.lastEventId) this.#place = event.lastEventId;
        if (!this.#over) act(JSON.parse(event.data));
      });
    }
  }

  #broken(source) {
    if (this.#over) return;
    this.#handlers.live(false);
    if (source.readyState !== EventSource.CLOSED) return;
    this.#handlers.refused();
    this.#timer = setTimeout(() => !this.#over && this.#open(), AGAIN_MS);
  }

  /** Why the edge ended it: most reasons pass. */
  #ended({ retryable }) {
    if (!retryable) this.close();
  }
}
