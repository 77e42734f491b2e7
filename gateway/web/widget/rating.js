/**
 * How it was: one to five, and words if there are any. Asked once at the end of a conversation, and easily waved away.
 */

import { h } from "./dom.js";
import { icon } from "./icons.js";

const KEY = "stickerdesk:rated";
const MAX_COMMENT_CHARS = 1000;
const FACES = /** @type {const} */ (["face1", "face2", "face3", "face4", "face5"]);

export class Rating {
  #strings = /** @type {any} */ ({});
  #storage;
  #send;
  #conversation = "";
  #score = 0;

  /**
   * @param {Storage|null} storage
   * @param {(rating: {score: number, comment: string}) => Promise<void>} send
   */
  constructor(storage, send) {
    this.#storage = storage;
    this.#send = send;
    this.legend = h("legend");
    this.faces = FACES.map((face, place) => this.#face(face, place + 1));
    this.label = h("label", { class: "sr", for: "comment" });
    this.comment = h("textarea", { id: "comment", rows: "2", maxlength: MAX_COMMENT_CHARS });
    this.button = h("button", { type: "submit", class: "chip primary" });
    this.more = h("div", { class: "rating-more", hidden: true }, this.label, this.comment, this.button);
    this.said = h("p", { class: "rating-said", role: "status" });
    this.skip = h("button", { type: "button", class: "icon-button small", on: { click: () => this.#leave() } }, icon("close"));
    this.form = h("form", null, h("fieldset", { class: "faces" }, this.legend, ...this.faces), this.more);
    this.element = h("section", { class: "rating", hidden: true }, this.skip, this.form, this.said);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
  }

  localise(strings) {
    this.#strings = strings;
    this.legend.textContent = strings.rate;
    this.element.setAttribute("aria-label", strings.rate);
    this.faces.forEach((face, place) => {
      face.querySelector(".sr").textContent = strings.rateNames[place];
      face.title = strings.rateNames[place];
    });
    this.label.textContent = strings.rateComment;
    this.comment.placeholder = strings.rateComment;
    this.button.textContent = strings.rateSend;
    this.skip.setAttribute("aria-label", strings.rateSkip);
  }

  /**
   * @param {boolean} over Whether there is something to rate.
   * @param {string|null} conversation
   */
  draw(over, conversation) {
    if (conversation && conversation !== this.#conversation) this.#begin(conversation);
    const thanked = this.form.hidden;
    this.element.hidden = !conversation || (!over && !thanked) || (!thanked && this.#done());
  }

  #face(face, score) {
    const radio = h("input", { type: "radio", name: "score", value: score });
    radio.addEventListener("change", () => {
      this.#score = score;
      this.more.hidden = false;
      this.element.scrollIntoView?.({ block: "end" });
    });
    return h("label", { class: "face" }, radio, h("span", { class: "face-mark" }, icon(face)), h("span", { class: "sr" }));
  }

  #begin(conversation) {
    this.#conversation = conversation;
    this.form.reset();
    this.form.hidden = false;
    this.more.hidden = true;
    this.said.textContent = "";
  }

  async #submit() {
    this.button.disabled = true;
    try {
      await this.#send({ score: this.#score, comment: this.comment.value });
      this.#remember();
      this.form.hidden = true;
      this.said.textContent = this.#strings.rateThanks;
    } catch (error) {
      this.said.textContent = error.message || this.#strings.rateFailed;
    } finally {
      this.button.disabled = false;
    }
  }

  #leave() {
    this.#remember();
    this.element.hidden = true;
    this.form.hidden = false;
  }

  #remember() {
    try {
      this.#storage?.setItem(KEY, this.#conversation);
    } catch {
      // Storage is full or refused: the question may come again with the next page.
    }
    this.#asked = this.#conversation;
  }

  #asked = "";

  #done() {
    return this.#asked === this.#conversation || this.#storage?.getItem(KEY) === this.#conversation;
  }
}
