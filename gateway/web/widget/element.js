/**
 * `<stickerdesk-chat>`: the launcher and the panel, in a Shadow DOM, wired to the SDK.
 *
 * Attributes: `server`, `tenant`, `locale`, `theme` (auto, light, dark), `position` (end, start), `heading`, `greeting`,
 * `starters` (separated by "|"). Look: the CSS variables `--stickerdesk-*` of its host.
 */

import { Client, MAX_TEXT_CHARS } from "../sdk/index.js";
import { Attention } from "./attention.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { h } from "./dom.js";
import { banner, header, launcher, welcome } from "./frame.js";
import { Log } from "./log.js";
import { Outgoing } from "./outgoing.js";
import { Pictures, Viewer } from "./pictures.js";
import { Rating } from "./rating.js";
import { Recent, Strip, Tray } from "./stickers.js";
import { pickLanguage, STRINGS } from "./strings.js";
import { sheet } from "./styles/index.js";

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
  #frame = 0;
  #overrides = {};
  #conversation = /** @type {any} */ (null);

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet()];
    this.context = this.#context();
  }

  connectedCallback() {
    if (this.#conversation) return;
    this.#language();
    const tenant = this.getAttribute("tenant") ?? undefined;
    this.recent = new Recent(storageOf("localStorage"), tenant);
    this.#build();
    const url = this.getAttribute("server") ?? location.origin;
    const client = new Client({ url, tenant, locale: this.context.locale, client: "widget/1" });
    this.#conversation = new Conversation(client, this.recent, this.context.asset, {
      changed: () => this.#schedule(),
      spoke: (entry) => this.#spoke(entry),
      ready: () => this.#ready(),
    });
    this.#wire(client);
    this.#localise();
    if (storageOf("sessionStorage")?.getItem(OPEN_KEY) === "1") this.#toggle(true, false);
    else if (client.known || client.pending.length) client.open();
  }

  disconnectedCallback() {
    // Moving the element on the page takes it out and puts it in at once; only a real goodbye ends the connection.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#conversation?.client.close();
      this.#attention.close();
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
    this.#outgoing.say(text);
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
  #outgoing = /** @type {Outgoing} */ (/** @type {any} */ (null));
  #attention = /** @type {Attention} */ (/** @type {any} */ (null));

  #context() {
    return {
      strings: STRINGS.en,
      language: /** @type {"en"|"zh"} */ ("en"),
      locale: "en",
      asset: (path) => new URL(path, this.getAttribute("server") ?? location.origin).href,
      retry: (id) => this.client.retry(id),
      discard: (id) => this.client.discard(id),
      reply: (text) => this.#outgoing.say(text),
      sendSticker: (sticker, place) => this.#outgoing.sticker(sticker, place),
      earlier: () => void this.#conversation.earlier(),
      view: (picture) => this.viewer.show(picture),
    };
  }

  #build() {
    this.rating = new Rating(storageOf("localStorage"), (rating) => this.client.rate(rating));
    this.#log = new Log(this.context, { seen: (seq) => this.#attention.sighted(seq), extra: this.rating.element });
    this.tray = new Tray(this.context, (query) => this.#conversation.find(query), this.recent);
    this.strip = new Strip(this.context, {
      onPick: (sticker, place) => this.#outgoing.pick(sticker, place),
      onDismiss: (stickers) => this.#outgoing.dismiss(stickers),
    });
    this.viewer = new Viewer();
    this.pictures = new Pictures({
      onChange: () => this.#composer.attached(this.pictures.waiting && !this.pictures.busy),
      retry: () => void this.#outgoing.submit(this.#composer.take()),
      send: (file, options) => this.#conversation.sendPicture(file, options),
    });
    this.#composer = new Composer({
      limit: MAX_TEXT_CHARS,
      onAttach: () => this.pictures.choose(),
      onCamera: () => this.pictures.shoot(),
      onSend: (text) => void this.#outgoing.submit(text),
      onStop: () => this.client.stop(this.#conversation.transcript.turn ?? undefined),
      onType: (text) => this.#outgoing.typed(text),
      onTray: () => this.#toggleTray(!this.tray.open),
    });
    this.header = header(() => this.#toggle(false));
    this.banner = banner();
    this.launcher = launcher(() => this.#toggle(!this.#open));
    const foot = h("div", { class: "foot" }, this.strip.element, this.pictures.element, this.#composer.element,
      this.pictures.input, this.pictures.camera, this.tray.element);
    this.panel = h("section", { class: "panel", role: "dialog", "aria-modal": "false", "aria-labelledby": "title", hidden: true },
      this.header.element, this.banner.element, this.#log.element, foot, this.pictures.zone, this.viewer.element);
    this.pictures.listen(this.#composer.field, this.panel);
    this.panel.addEventListener("keydown", (event) => this.#escape(event));
    this.shadowRoot.replaceChildren(this.panel, this.launcher.button);
  }

  /** What needs the client as well as the parts. */
  #wire(client) {
    const { tray, strip, pictures, recent } = this;
    this.#outgoing = new Outgoing({ client, composer: this.#composer, tray, strip, pictures, recent, log: this.#log,
      closeTray: () => this.#toggleTray(false) });
    this.#attention = new Attention({ open: () => this.#open, read: (seq) => client.markRead(seq), look: () => this.#log.look() });
    this.#composer.text = client.draft;
    client.on("draft_elsewhere", ({ text }) => this.#composer.follow(text));
    client.on("reset", ({ keep }) => keep === 0 && this.#attention.reset());
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
    for (const part of [this.#composer, this.pictures, this.viewer, this.rating]) part.localise(this.context.strings);
    const { greeting } = this.context.strings;
    this.welcome = {
      greeting: this.getAttribute("greeting") ?? greeting,
      starters: (this.getAttribute("starters") ?? "").split("|").filter(Boolean),
      say: (text) => this.#outgoing.say(text),
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
      this.client.open();
      this.#log.toEnd();
      this.#log.look();
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

  #spoke(entry) {
    this.#log.announce(entry);
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
    const { unread } = conversation;
    this.launcher.draw({ open: this.#open, unread, strings });
    this.#attention.mark(unread);
    this.header.draw({ title: this.getAttribute("heading") ?? strings.title, status, live, closeLabel: strings.close });
    this.banner.draw(trouble);
    this.#composer.answering(conversation.transcript.turn !== null);
    this.#log.welcome.hidden = !this.#greets();
    this.pictures.live(live);
    this.#log.draw(conversation.transcript.rows());
    this.rating.draw(conversation.over, this.client.conversation);
  }
}
