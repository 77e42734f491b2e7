/**
 * The conversation's scroller: draws rows, keeps the place where the reader is, says final answers aloud.
 */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { drawRow, stickerName, updateDraft } from "./rows.js";

const NEAR_END_PX = 64;

export class Log {
  /** @type {Map<string, {signature: string, element: HTMLElement}>} */
  #drawn = new Map();
  #context;
  #settled = false;

  /** @param {import("./rows.js").RowContext} context */
  constructor(context) {
    this.#context = context;
    this.welcome = h("div", { class: "welcome" });
    this.list = h("div", { class: "rows" });
    this.scroller = h("div", { class: "log", role: "log", "aria-live": "off", tabindex: "0" }, this.welcome, this.list);
    this.speaker = h("div", { class: "sr", role: "status", "aria-live": "polite" });
    this.pill = h("button", { type: "button", class: "pill", hidden: true, on: { click: () => this.toEnd() } });
    this.element = h("div", { class: "log-frame" }, this.scroller, this.pill, this.speaker);
    this.scroller.addEventListener("scroll", () => this.#atEnd() && (this.pill.hidden = true), { passive: true });
    // A picture that arrives late must not push the end out of sight.
    this.list.addEventListener("load", () => this.#stuck && this.#jump(), true);
    new ResizeObserver(() => this.#stuck && this.#jump()).observe(this.scroller);
  }

  #stuck = true;

  /** Words of the current language. */
  localise() {
    const { strings } = this.#context;
    this.scroller.setAttribute("aria-label", strings.transcript);
    this.pill.replaceChildren(strings.newMessages, icon("down"));
    this.#drawn.clear();
    this.list.replaceChildren();
  }

  /** @param {import("./transcript.js").Row[]} rows */
  draw(rows) {
    this.#stuck = this.#atEnd() || !this.#settled;
    const before = this.list.childElementCount;
    const known = new Map();
    let place = this.list.firstElementChild;
    for (const row of rows) {
      const element = this.#element(row);
      known.set(row.key, { signature: row.signature, element });
      if (element === place) place = place.nextElementSibling;
      else this.list.insertBefore(element, place);
    }
    for (const [key, { element }] of this.#drawn) if (known.get(key)?.element !== element) element.remove();
    this.#drawn = known;
    if (this.#stuck) this.#jump();
    else if (this.list.childElementCount > before) this.pill.hidden = false;
  }

  /** From here on rows appear with a movement, and the reader's place counts. */
  settle() {
    this.#settled = true;
    this.#jump();
  }

  /** Says an answer aloud once, when it is complete. @param {any} entry */
  announce(entry) {
    const { strings, language } = this.#context;
    const sticker = entry.sticker ?? (entry.author === "customer" ? null : entry.stickers?.[0]);
    const parts = [entry.text ?? entry.notice?.text, sticker && strings.sticker(stickerName(sticker, language))];
    this.speaker.textContent = `${strings[entry.author] ?? ""}: ${parts.filter(Boolean).join(" ")}`;
  }

  /** Shows the newest, as after sending. */
  toEnd() {
    this.pill.hidden = true;
    this.#stuck = true;
    this.#jump();
  }

  #element(row) {
    const drawn = this.#drawn.get(row.key);
    if (drawn && row.kind === "draft") {
      const body = drawn.element.querySelector(".writing");
      if (body) {
        updateDraft(body, row);
        return drawn.element;
      }
    }
    if (drawn?.signature === row.signature) return drawn.element;
    const element = drawRow(row, this.#context);
    if (!drawn && this.#settled) element.classList.add("enter");
    return element;
  }

  #jump() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  #atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }
}
