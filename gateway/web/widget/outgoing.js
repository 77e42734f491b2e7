/**
 * What the customer does with words, stickers and pictures: sent, suggested for, waved away.
 */

const SUGGEST_DELAY_MS = 160;
const SHORT_CHARS = 24; // a sticker stands for a text this short, and joins a longer one

export class Outgoing {
  #parts;
  #timer = /** @type {any} */ (0);

  /**
   * @param {{client: import("../sdk/client.js").Client, composer: any, tray: any, strip: any, pictures: any, recent: any,
   *   log: any, closeTray: () => void}} parts
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /** A waiting picture goes first, then the words to it; when it cannot go, the words stay to be sent with it. */
  async submit(text) {
    const { pictures, composer, log, client } = this.#parts;
    client.draft = "";
    if (pictures.waiting) {
      const sent = await pictures.send();
      if (!sent) composer.text = [text, composer.text].filter(Boolean).join(" ");
      log.toEnd();
      if (!sent) return;
    } else pictures.clear(); // what was refused has been read
    if (text) this.say(text);
  }

  /** @param {string} text */
  say(text) {
    const { client, strip, log } = this.#parts;
    strip.show([]);
    client.send({ text });
    log.toEnd();
  }

  /** A sticker of the tray or of an answer. */
  sticker(sticker, place) {
    const { client, tray, composer, log, closeTray } = this.#parts;
    this.#send(sticker);
    client.feedback({ sticker: sticker.id, kind: "clicked", position: place });
    if (tray.open) {
      closeTray();
      composer.field.focus();
    }
    log.toEnd();
  }

  /** A suggested sticker takes the place of a short text; a longer text stays, it says more than the sticker. */
  pick(sticker, place) {
    const { client, composer, strip, log } = this.#parts;
    const typed = composer.text.trim();
    this.#send(sticker);
    client.feedback({ sticker: sticker.id, kind: "clicked", position: place, text: typed });
    if ([...typed].length <= SHORT_CHARS) composer.text = client.draft = "";
    strip.show([]);
    composer.field.focus();
    log.toEnd();
  }

  dismiss(stickers) {
    const { client, composer, strip } = this.#parts;
    const text = composer.text.trim();
    stickers.forEach((sticker, position) => client.feedback({ sticker: sticker.id, kind: "dismissed", position, text }));
    strip.show([]);
    composer.field.focus();
  }

  typed(text) {
    const { client, composer, strip, tray } = this.#parts;
    const said = text.trim();
    client.typing(said !== "");
    client.draft = text;
    clearTimeout(this.#timer);
    if (!said) return strip.show([]);
    this.#timer = setTimeout(async () => {
      const stickers = await client.suggest(said, { limit: 8 });
      if (stickers && composer.text.trim() === said && !tray.open) strip.show(stickers);
    }, SUGGEST_DELAY_MS);
    return undefined;
  }

  #send(sticker) {
    this.#parts.recent.add(sticker);
    this.#parts.client.send({ sticker: sticker.id });
  }
}
