/**
 * Where the customer writes: a field that grows, an Enter that knows input methods, send and stop.
 */

import { attribute, h } from "./dom.js";
import { icon } from "./icons.js";

const COUNT_FROM = 200; // characters before the limit from which the rest is told

export class Composer {
  #strings = /** @type {any} */ ({});
  #answering = false;
  #attached = false;
  #limit;
  #handlers;

  /**
   * @param {{limit: number, onSend: (text: string) => void, onStop: () => void, onType: (text: string) => void,
   *   onTray: () => void, onAttach: () => void, onCamera: () => void}} handlers
   */
  constructor({ limit, ...handlers }) {
    this.#limit = limit;
    this.#handlers = handlers;
    this.field = h("textarea", { rows: "1", dir: "auto", enterkeyhint: "send", autocapitalize: "sentences", "aria-describedby": "over" });
    this.tray = h("button", { type: "button", class: "icon-button", "aria-expanded": "false", "aria-controls": "tray" }, icon("smile"));
    this.attach = h("button", { type: "button", class: "icon-button" }, icon("picture"));
    // Where there is a thumb there is a camera; elsewhere the field needs the room.
    this.camera = h("button", { type: "button", class: "icon-button", hidden: !matchMedia("(pointer: coarse)").matches }, icon("camera"));
    this.button = h("button", { type: "submit", class: "icon-button send" }, icon("send"));
    this.over = h("p", { class: "over", id: "over", role: "status", hidden: true });
    this.element = h("form", { class: "composer" }, this.over, this.tray, this.attach, this.camera, this.field, this.button);
    this.#listen();
  }

  get text() {
    return this.field.value;
  }

  set text(value) {
    this.field.value = value;
    this.#grow();
    this.refresh();
  }

  /** Takes the text out of the field. @returns {string} */
  take() {
    const text = this.text.trim();
    this.text = "";
    return text;
  }

  /** Another tab writes; who writes here is not disturbed. @param {string} text */
  follow(text) {
    if (!document.hasFocus() || document.hidden) this.text = text;
  }

  localise(strings) {
    this.#strings = strings;
    this.field.placeholder = strings.placeholder;
    this.field.setAttribute("aria-label", strings.messageLabel);
    this.tray.setAttribute("aria-label", strings.stickers);
    this.attach.setAttribute("aria-label", strings.addPicture);
    this.camera.setAttribute("aria-label", strings.takePicture);
    this.refresh();
  }

  /** @param {boolean} answering Whether an answer is awaited or being written. */
  answering(answering) {
    if (answering === this.#answering) return;
    this.#answering = answering;
    this.refresh();
  }

  /** @param {boolean} attached Whether a picture waits, so that there is something to send without words. */
  attached(attached) {
    this.#attached = attached;
    this.refresh();
  }

  /** Brings the button and the counter up to date. */
  refresh() {
    const over = [...this.text.trim()].length - this.#limit;
    this.over.hidden = over <= -COUNT_FROM;
    this.over.textContent = over > 0 ? this.#strings.tooLong(over) : String(-over);
    this.over.classList.toggle("bad", over > 0);
    attribute(this.field, "aria-invalid", over > 0 ? "true" : null);
    const stops = this.#stops();
    this.button.replaceChildren(icon(stops ? "stop" : "send"));
    this.button.setAttribute("aria-label", stops ? this.#strings.stop : this.#strings.send);
    this.button.classList.toggle("idle", !stops && ((!this.text.trim() && !this.#attached) || over > 0));
  }

  #stops() {
    return this.#answering && !this.#attached && !this.text.trim();
  }

  #listen() {
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#stops()) this.#handlers.onStop();
      else this.#submit();
    });
    this.field.addEventListener("keydown", (event) => {
      // An Enter that ends a composition (keyCode 229 in Safari) chooses a word and sends nothing.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.#submit();
    });
    this.field.addEventListener("input", () => {
      this.#grow();
      this.refresh();
      this.#handlers.onType(this.text);
    });
    this.tray.addEventListener("click", () => this.#handlers.onTray());
    this.attach.addEventListener("click", () => this.#handlers.onAttach());
    this.camera.addEventListener("click", () => this.#handlers.onCamera());
  }

  #submit() {
    const text = this.text.trim();
    if ((!text && !this.#attached) || [...text].length > this.#limit) return;
    this.text = "";
    this.#handlers.onSend(text);
  }

  #grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 132)}px`;
  }
}
