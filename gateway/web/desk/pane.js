/**
 * The right side: one conversation, who it is with, what was understood, and where the agent writes.
 */

import { Composer } from "../widget/composer.js";
import { h } from "../widget/dom.js";
import { icon } from "../widget/icons.js";
import { Log } from "../widget/log.js";
import { Pictures, Viewer } from "../widget/pictures.js";
import { Tray } from "../widget/stickers.js";
import { Changing } from "./changing.js";
import { mood } from "./lists.js";
import { called, intentWords, reasonWords } from "./words.js";

const MAX_TEXT_CHARS = 4000;

export class Pane {
  #context;
  #acts;
  #drawn = "";
  #sure = false;
  #thread = /** @type {any} */ (null);

  /**
   * @param {any} context Words and what rows need.
   * @param {{take: () => void, handBack: () => void, close: () => void, say: (text: string) => void, typed: (text: string) => void,
   *   show: (file: Blob, options: {signal: AbortSignal}) => Promise<void>, revise: (seq: number, revision: {kind: string, text?: string}) => void, sticker: (sticker: any) => void, seen: (seq: number) => void, back: () => void, find: (query: string) => Promise<any[]|null>, recent: any}} acts
   */
  constructor(context, acts) {
    this.#context = context;
    this.#acts = acts;
    this.head = h("header", { class: "pane-head" });
    this.fault = h("p", { class: "fault", role: "alert", hidden: true });
    this.hint = h("aside", { class: "hint", hidden: true });
    this.log = new Log(context, { seen: acts.seen, extra: h("div") });
    this.tray = new Tray(context, acts.find, acts.recent);
    this.viewer = new Viewer();
    this.composer = new Composer({
      limit: MAX_TEXT_CHARS, onSend: (text) => void this.#send(text), onType: acts.typed, onTray: () => this.#toggleTray(),
      onStop: () => {}, onAttach: () => this.pictures.choose(), onCamera: () => this.pictures.shoot(),
    });
    this.pictures = new Pictures({
      onChange: () => this.composer.attached(this.pictures.waiting && !this.pictures.busy),
      retry: () => void this.#send(this.composer.take()),
      send: acts.show,
    });
    this.changing = new Changing(context, this.composer, acts);
    this.foot = h("div", { class: "foot" }, this.hint, this.changing.element, this.pictures.element, this.composer.element,
      this.pictures.input, this.pictures.camera, this.tray.element);
    this.empty = h("div", { class: "empty" });
    this.body = h("div", { class: "pane-body", hidden: true }, this.head, this.fault, this.log.element, this.foot, this.pictures.zone, this.viewer.element);
    this.element = h("main", { class: "pane" }, this.empty, this.body);
    this.pictures.listen(this.composer.field, this.foot);
    this.body.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      if (this.tray.open) this.closeTray();
      else this.changing.close();
    });
  }

  localise() {
    const { words, strings } = this.#context;
    this.empty.replaceChildren(h("span", { class: "empty-mark" }, icon("sticker")), h("h2", { text: words.choose }), h("p", { text: words.chooseNote }));
    for (const part of [this.log, this.tray, this.changing]) part.localise();
    for (const part of [this.composer, this.viewer, this.pictures]) part.localise(strings);
    this.#drawn = "";
  }

  /** Another conversation is shown, or none. @param {any} thread */
  show(thread) {
    this.#thread = thread;
    this.empty.hidden = thread !== null;
    this.body.hidden = thread === null;
    this.#sure = false;
    this.closeTray();
    this.changing.drop();
    this.pictures.clear();
    this.say("");
    this.log.localise();
    this.composer.text = "";
  }

  /** A waiting picture goes first, then the words to it; when it cannot go, they stay in the field. @param {string} text */
  async #send(text) {
    if (this.pictures.waiting) {
      const thread = this.#thread;
      const sent = await this.pictures.send();
      if (this.#thread !== thread) return;
      if (!sent) return void (this.composer.text = [text, this.composer.text].filter(Boolean).join(" "));
    } else this.pictures.clear(); // what was refused has been read
    if (text) this.changing.send(text);
  }

  /** What leads to a change of one's own message. @param {any} data */
  change(data) {
    return this.changing.button(data);
  }

  /** Says what went wrong. @param {string} text */
  say(text) {
    this.fault.textContent = text;
    this.fault.hidden = text === "";
  }

  closeTray() {
    if (!this.tray.open) return;
    this.tray.hide();
    this.composer.tray.setAttribute("aria-expanded", "false");
    this.composer.field.focus();
  }

  #toggleTray() {
    if (this.tray.open) return this.closeTray();
    this.tray.show();
    return this.composer.tray.setAttribute("aria-expanded", "true");
  }

  /** @param {any} thread @param {any} one @param {boolean} mine */
  draw(thread, one, mine) {
    this.foot.hidden = !mine;
    this.log.draw(thread.rows(mine));
    this.#hint(mine ? thread.hint : null);
    const drawn = JSON.stringify([one, mine, this.#sure, this.#context.locale]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#head(one, mine);
  }

  #head(one, mine) {
    const { words, language } = this.#context;
    const reason = reasonWords(one.reason, words, language);
    const facts = [
      words.languages[one.language],
      one.ticket && words.ticket(one.ticket),
      one.agent && !mine ? words.takenBy(one.agent.name) : null,
      one.state === "closed" ? words.over : one.state === "open" ? words.engineHas : null,
    ].filter(Boolean);
    this.head.replaceChildren(
      h("button", { type: "button", class: "icon-button back", "aria-label": words.back, on: { click: this.#acts.back } }, icon("down")),
      h("div", { class: "heading" },
        h("h1", null, called(one, words), mood(one.emotion, words)),
        h("p", { class: "facts", text: facts.join(" · ") }),
        reason ? h("p", { class: "reason", title: reason, text: reason }) : null),
      h("div", { class: "acts" }, ...this.#buttons(one, mine)));
  }

  #buttons(one, mine) {
    const { words } = this.#context;
    const button = (text, act, look = "") => h("button", { type: "button", class: `button ${look}`, text, on: { click: act } });
    if (one.state === "closed") return [];
    if (!mine) return one.agent ? [] : [button(words.take, this.#acts.take)];
    if (!this.#sure) return [button(words.handBack, this.#acts.handBack, "quiet"), button(words.close, () => this.#ask(one, mine, true), "quiet")];
    const yes = button(words.closeYes, this.#acts.close, "bad");
    queueMicrotask(() => yes.focus());
    return [h("span", { class: "sure", role: "status", text: words.closeSure }), yes, button(words.no, () => this.#ask(one, mine, false), "quiet")];
  }

  #ask(one, mine, sure) {
    this.#sure = sure;
    this.#drawn = "";
    this.#head(one, mine);
  }

  /** What was understood in the newest message, and what the engine would say. */
  #hint(hint) {
    const key = hint ? `${hint.seq} ${this.#context.locale}` : "";
    if (this.hint.dataset.key === key) return;
    this.hint.dataset.key = key;
    const { words, language } = this.#context;
    const wanted = hint && intentWords(hint.intent, language);
    this.hint.hidden = !wanted && !hint?.suggested_reply;
    if (this.hint.hidden) return;
    this.hint.setAttribute("aria-label", words.suggested);
    const use = () => {
      this.composer.text = hint.suggested_reply;
      this.composer.field.focus();
    };
    this.hint.replaceChildren(
      ...(wanted ? [h("span", { class: "hint-intent", text: words.understood(wanted, Math.round(hint.certainty * 100)) })] : []),
      ...(hint.suggested_reply
        ? [h("p", { class: "hint-text", tabindex: "0", role: "group", "aria-label": words.suggested }, h("strong", { text: hint.citation.title }), " ", hint.suggested_reply),
          h("button", { type: "button", class: "button quiet small", text: words.use, on: { click: use } })]
        : []));
  }
}
