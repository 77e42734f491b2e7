/**
 * `<stickerdesk-chat>`: the launcher and the panel, in a Shadow DOM, wired to the SDK.
 *
 * Attributes: `server`, `locale`, `theme` (auto, light, dark), `position` (end, start), `heading`, `greeting`,
 * `starters` (separated by "|"). Look: the CSS variables `--stickerdesk-*` of its host.
 */

import { Client, MAX_TEXT_CHARS } from "../sdk/index.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { h } from "./dom.js";
import { banner, header, launcher, welcome } from "./frame.js";
import { Log } from "./log.js";
import { Pictures, Viewer } from "./pictures.js";
import { Recent, Strip, Tray } from "./stickers.js";
import { pickLanguage, STRINGS } from "./strings.js";
import { sheet } from "./styles/index.js";

const SUGGEST_DELAY_MS = 160;
const SHORT_CHARS = 24; // a sticker stands for a text this short, and joins a longer one
const OPEN_KEY = "stickerdesk:open";

function storageOf(name) {
  try {
    return globalThis[name] ?? null;
  } catch {
    return null;
  }
}

export class StickerdeskChat extends HTMLElement {
  static observedAttributes = ["locale", "theme", "position", "heading", "greeting", "starters"];

  #open = false;
  #unread = 0;
  #timer = 0;
  #frame = 0;
  #overrides = {};
  #conversation = /** @type {any} */ (null);

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet()];
    this.context = this.#context();
    this.recent = new Recent(storageOf("localStorage"));
  }

  connectedCallback() {
    if (this.#conversation) return;
    this.#language();
    this.#build();
    const client = new Client({ url: this.getAttribute("server") ?? location.origin, locale: this.context.locale, client: "widget/1" });
    this.#conversation = new Conversation(client, this.recent, this.context.asset, {
      changed: () => this.#schedule(),
      spoke: (entry) => this.#spoke(entry),
      ready: () => this.#ready(),
    });
    this.#localise();
    if (storageOf("sessionStorage")?.getItem(OPEN_KEY) === "1") this.#toggle(true, false);
    else if (client.known || client.pending.length) client.open();
  }

  disconnectedCallback() {
    // Moving the element on the page takes it out and puts it in at once; only a real goodbye ends the connection.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#conversation?.client.close();
      this.#conversation = null;
      this.shadowRoot.replaceChildren();
    });
  }

  attributeChangedCallback() {
    if (!this.#conversation) return;
    this.#language();
    this.#localise();
  }

  // ---- for the page ----------------------------------------------------------------------------------------------

  /** The SDK's client. */
  get client() {
    return this.#conversation.client;
  }

  open() {
    this.#toggle(true);
  }

  close() {
    this.#toggle(false);
  }

  /** Opens the panel and says something in the customer's name. @param {string} text */
  ask(text) {
    this.#toggle(true);
    this.#say(text);
  }

  /** Overrides words of the widget. @param {Record<string, any>} strings See strings.js. */
  setStrings(strings) {
    this.#overrides = strings;
    this.#language();
    this.#localise();
  }

  // ---- building --------------------------------------------------------------------------------------------------

  #log = /** @type {Log} */ (/** @type {any} */ (null));
  #composer = /** @type {Composer} */ (/** @type {any} */ (null));

  #context() {
    return {
      strings: STRINGS.en,
      language: /** @type {"en"|"zh"} */ ("en"),
      locale: "en",
      asset: (path) => new URL(path, this.getAttribute("server") ?? location.origin).href,
      retry: (id) => this.client.retry(id),
      discard: (id) => this.client.discard(id),
      reply: (text) => this.#say(text),
      sendSticker: (sticker, place) => this.#sendSticker(sticker, place),
      view: (picture) => this.viewer.show(picture),
    };
  }

  #build() {
    this.#log = new Log(this.context);
    this.tray = new Tray(this.context, (query) => this.#conversation.find(query), this.recent);
    this.strip = new Strip(this.context, {
      onPick: (sticker, place) => this.#pick(sticker, place),
      onDismiss: (stickers) => this.#dismiss(stickers),
    });
    this.viewer = new Viewer();
    this.pictures = new Pictures({
      onChange: () => this.#composer.attached(this.pictures.waiting && !this.pictures.busy),
      send: (file, options) => this.#conversation.sendPicture(file, options),
    });
    this.#composer = new Composer({
      limit: MAX_TEXT_CHARS,
      onAttach: () => this.pictures.choose(),
      onSend: (text) => this.#submit(text),
      onStop: () => this.client.stop(this.#conversation.transcript.turn ?? undefined),
      onType: (text) => this.#typed(text),
      onTray: () => this.#toggleTray(!this.tray.open),
    });
    this.header = header(() => this.#toggle(false));
    this.banner = banner();
    this.launcher = launcher(() => this.#toggle(!this.#open));
    const foot = h("div", { class: "foot" }, this.strip.element, this.pictures.element, this.#composer.element,
      this.pictures.input, this.tray.element);
    this.panel = h("section", { class: "panel", role: "dialog", "aria-modal": "false", "aria-labelledby": "title", hidden: true },
      this.header.element, this.banner.element, this.#log.element, foot, this.pictures.zone, this.viewer.element);
    this.pictures.listen(this.#composer.field, this.panel);
    this.panel.addEventListener("keydown", (event) => this.#escape(event));
    this.shadowRoot.replaceChildren(this.panel, this.launcher.button);
  }

  #language() {
    const wanted = this.getAttribute("locale");
    const { language, locale } = pickLanguage(wanted && wanted !== "auto" ? [wanted] : navigator.languages);
    Object.assign(this.context, { language, locale, strings: { ...STRINGS[language], ...this.#overrides } });
    if (this.#conversation) this.client.locale = locale;
  }

  #localise() {
    this.panel.lang = this.context.locale;
    for (const part of [this.#log, this.tray, this.strip]) part.localise();
    for (const part of [this.#composer, this.pictures, this.viewer]) part.localise(this.context.strings);
    const { greeting } = this.context.strings;
    this.welcome = {
      greeting: this.getAttribute("greeting") ?? greeting,
      starters: (this.getAttribute("starters") ?? "").split("|").filter(Boolean),
      say: (text) => this.#say(text),
    };
    welcome(this.#log.welcome, { ...this.welcome, visible: this.#greets() });
    this.#draw();
  }

  // ---- what happens ----------------------------------------------------------------------------------------------

  #toggle(open, focus = true) {
    if (open === this.#open) return;
    this.#open = open;
    this.panel.hidden = !open;
    this.toggleAttribute("expanded", open);
    storageOf("sessionStorage")?.setItem(OPEN_KEY, open ? "1" : "0");
    if (open) {
      this.#unread = 0;
      this.client.open();
      this.#log.toEnd();
      if (focus && matchMedia("(hover: hover)").matches) this.#composer.field.focus();
    } else {
      this.#toggleTray(false);
      if (focus) this.launcher.button.focus();
    }
    this.#draw();
  }

  #toggleTray(open) {
    if (open === this.tray.open) return;
    if (open) this.tray.show();
    else this.tray.hide();
    this.strip.element.hidden = open || this.strip.stickers.length === 0;
    this.#composer.tray.setAttribute("aria-expanded", String(open));
    this.#log.toEnd();
  }

  #escape(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    if (!this.tray.open) return this.#toggle(false);
    this.#toggleTray(false);
    return this.#composer.tray.focus();
  }

  /** A waiting picture goes first, then the words to it; when it cannot go, the words stay to be sent with it. */
  async #submit(text) {
    if (this.pictures.waiting) {
      const sent = await this.pictures.send();
      if (!sent) this.#composer.text = [text, this.#composer.text].filter(Boolean).join(" ");
      this.#log.toEnd();
      if (!sent) return;
    }
    if (text) this.#say(text);
  }

  #say(text) {
    this.strip.show([]);
    this.client.send({ text });
    this.#log.toEnd();
  }

  #sendSticker(sticker, place) {
    this.recent.add(sticker);
    this.client.send({ sticker: sticker.id });
    this.client.feedback({ sticker: sticker.id, kind: "clicked", position: place });
    if (this.tray.open) {
      this.#toggleTray(false);
      this.#composer.field.focus();
    }
    this.#log.toEnd();
  }

  /** A suggested sticker takes the place of a short text; a longer text stays, it says more than the sticker. */
  #pick(sticker, place) {
    const typed = this.#composer.text.trim();
    this.recent.add(sticker);
    this.client.send({ sticker: sticker.id });
    this.client.feedback({ sticker: sticker.id, kind: "clicked", position: place, text: typed });
    if ([...typed].length <= SHORT_CHARS) this.#composer.text = "";
    this.strip.show([]);
    this.#composer.field.focus();
    this.#log.toEnd();
  }

  #dismiss(stickers) {
    const text = this.#composer.text.trim();
    stickers.forEach((sticker, position) =>
      this.client.feedback({ sticker: sticker.id, kind: "dismissed", position, text }));
    this.strip.show([]);
    this.#composer.field.focus();
  }

  #typed(text) {
    this.client.typing(text.trim() !== "");
    clearTimeout(this.#timer);
    const said = text.trim();
    if (!said) return this.strip.show([]);
    this.#timer = setTimeout(async () => {
      const stickers = await this.client.suggest(said, { limit: 8 });
      if (stickers && this.#composer.text.trim() === said && !this.tray.open) this.strip.show(stickers);
    }, SUGGEST_DELAY_MS);
    return undefined;
  }

  #spoke(entry) {
    this.#log.announce(entry);
    if (!this.#open) this.#unread += 1;
    this.dispatchEvent(new CustomEvent("stickerdesk-entry", { detail: entry, bubbles: true, composed: true }));
  }

  /** History is there: draw it in one go, and move only what comes after. */
  #ready() {
    this.#draw();
    this.#log.settle();
  }

  #greets() {
    return this.#conversation.loaded && this.#conversation.transcript.empty;
  }

  // ---- drawing ---------------------------------------------------------------------------------------------------

  /** Draws once a frame at most; a hidden page has no frames, and still must be right when it is read. */
  #schedule() {
    if (this.#frame) return;
    const draw = () => {
      this.#frame = 0;
      if (this.#conversation) this.#draw();
    };
    this.#frame = document.hidden ? /** @type {any} */ (setTimeout(draw, 100)) : requestAnimationFrame(draw);
  }

  #draw() {
    const { strings } = this.context;
    const conversation = this.#conversation;
    const { status, live, trouble } = conversation.standing(strings);
    this.launcher.draw({ open: this.#open, unread: this.#unread, strings });
    this.header.draw({ title: this.getAttribute("heading") ?? strings.title, status, live, closeLabel: strings.close });
    this.banner.draw(trouble);
    this.#composer.answering(conversation.transcript.turn !== null);
    this.#log.welcome.hidden = !this.#greets();
    this.#log.draw(conversation.transcript.rows());
  }
}
