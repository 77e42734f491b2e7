/**
 * Changing what was said: its text goes back into the field, under a line that says so.
 */

import { h } from "../widget/dom.js";

export class Changing {
  #context;
  #composer;
  #acts;
  #target = /** @type {any} */ (null);
  #kept = "";

  /**
   * @param {any} context Words.
   * @param {import("../widget/composer.js").Composer} composer
   * @param {{say: (text: string) => void, revise: (seq: number, revision: {kind: string, text?: string}) => void}} acts
   */
  constructor(context, composer, acts) {
    this.#context = context;
    this.#composer = composer;
    this.#acts = acts;
    this.element = h("aside", { class: "changing", hidden: true });
  }

  get open() {
    return this.#target !== null;
  }

  /** What leads to it, beside one's own message; null where there is nothing to change. @param {any} data */
  button(data) {
    if (!data.own || !(data.text || data.sticker)) return null;
    const { words } = this.#context;
    const label = `${words.change}: ${data.text ?? words.ownSticker}`;
    return h("button", { type: "button", class: "link change", text: words.change, "aria-label": label, on: { click: () => this.#begin(data) } });
  }

  #begin(data) {
    if (!this.open) this.#kept = this.#composer.text;
    this.#target = data;
    this.#composer.text = data.text ?? this.#kept;
    this.#composer.field.focus();
    this.localise();
  }

  localise() {
    this.element.hidden = !this.open;
    if (!this.open) return;
    const { words } = this.#context;
    const button = (text, act) => h("button", { type: "button", class: "button quiet small", text, on: { click: act } });
    const says = this.#target.text ? words.changing : words.ownSticker;
    this.element.setAttribute("aria-label", says);
    this.element.replaceChildren(
      h("p", { class: "hint-text", role: "status" }, h("strong", { text: says }), " ", this.#target.text ?? ""),
      button(words.takeBack, () => this.#takeBack()),
      button(words.leaveIt, () => this.close()));
  }

  /** What is in the field goes out: as the new text, or as words of its own. @param {string} text */
  send(text) {
    const target = this.#target;
    if (!target?.text) return this.#acts.say(text);
    this.close();
    if (text !== target.text) this.#acts.revise(target.seq, { kind: "edited", text });
    return undefined;
  }

  #takeBack() {
    const { seq } = this.#target;
    this.close();
    this.#acts.revise(seq, { kind: "retracted" });
  }

  /** Leaves the message as it is; what was being written before is there again. */
  close() {
    if (!this.open) return;
    this.#target = null;
    this.element.hidden = true;
    this.#composer.text = this.#kept;
    this.#kept = "";
    this.#composer.field.focus();
  }

  /** Another conversation is shown: nothing is kept. */
  drop() {
    this.#target = null;
    this.#kept = "";
    this.element.hidden = true;
  }
}
