/**
 * Pictures that the customer adds: chosen, pasted or dropped; shown as a chip until they are sent.
 */

import { PICTURE_TYPES } from "../sdk/index.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

export class Pictures {
  #strings = /** @type {any} */ ({});
  #handlers;
  #file = /** @type {Blob|null} */ (null);
  #address = "";
  #sending = /** @type {AbortController|null} */ (null);

  /**
   * @param {{onChange: () => void, retry: () => void,
   *   send: (file: Blob, options: {onProgress: (share: number) => void, signal: AbortSignal}) => Promise<void>}} handlers
   */
  constructor(handlers) {
    this.#handlers = handlers;
    this.input = h("input", { type: "file", accept: PICTURE_TYPES.join(","), class: "sr", tabindex: "-1", "aria-hidden": "true" });
    this.camera = h("input", { type: "file", accept: "image/*", capture: "environment", class: "sr", tabindex: "-1", "aria-hidden": "true" });
    this.preview = h("img", { alt: "", width: "56", height: "56" });
    this.preview.addEventListener("error", () => (this.preview.hidden = true)); // broken, or forbidden by the page's policy
    this.ring = h("div", { class: "ring", role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100", hidden: true });
    this.again = h("button", { type: "button", class: "link", hidden: true, on: { click: () => handlers.retry() } });
    this.said = h("p", { class: "chip-text", role: "status" });
    this.remove = h("button", { type: "button", class: "icon-button small" }, icon("close"));
    this.thumb = h("div", { class: "chip-picture" }, this.preview, icon("picture"), this.ring);
    this.element = h("div", { class: "picture-chip", hidden: true }, this.thumb,
      h("div", { class: "chip-body" }, this.said, this.again), this.remove);
    this.zone = h("div", { class: "drop-zone", hidden: true, "aria-hidden": "true" }, icon("picture"), h("p"));
    for (const input of [this.input, this.camera]) {
      input.addEventListener("change", () => {
        if (input.files?.[0]) this.take(input.files[0]);
        input.value = "";
      });
    }
    this.remove.addEventListener("click", () => this.clear());
  }

  /** Whether a picture waits to be sent. */
  get waiting() {
    return this.#file !== null;
  }

  get busy() {
    return this.#sending !== null;
  }

  localise(strings) {
    this.#strings = strings;
    this.input.setAttribute("aria-label", strings.addPicture);
    this.camera.setAttribute("aria-label", strings.takePicture);
    this.again.replaceChildren(icon("retry"), strings.tryAgain);
    this.ring.setAttribute("aria-label", strings.uploading);
    this.#label();
    /** @type {any} */ (this.zone.lastElementChild).textContent = strings.dropPicture;
    if (this.#file && !this.#sending) this.#say(strings.pictureReady);
  }

  choose() {
    this.input.click();
  }

  /** Opens the camera, where there is one. */
  shoot() {
    this.camera.click();
  }

  /** Whether there is a connection: without one an upload waits, and goes on by itself. @param {boolean} live */
  live(live) {
    if (!this.#sending || live === this.#live) return;
    this.#live = live;
    this.#say(live ? this.#strings.uploading : this.#strings.uploadWaits);
  }

  #live = true;

  /** @param {Blob} file */
  take(file) {
    this.clear();
    if (!PICTURE_TYPES.includes(file.type)) return this.#refuse("PICTURE_TYPE_UNSUPPORTED");
    if (file.size === 0) return this.#refuse("PICTURE_EMPTY");
    this.#file = file;
    this.#address = URL.createObjectURL(file);
    this.preview.src = this.#address;
    this.preview.hidden = this.thumb.hidden = false;
    this.element.hidden = false;
    this.#say(this.#strings.pictureReady);
    return this.#handlers.onChange();
  }

  /** Says why a file is not taken; there is nothing to send or to try again. @param {string} reason */
  #refuse(reason, message = "") {
    this.clear();
    this.thumb.hidden = true;
    this.element.hidden = false;
    this.#say(this.#strings.pictureErrors[reason] ?? message, true);
  }

  /** Lets go of the picture, and of its upload. */
  clear() {
    this.#sending?.abort();
    this.#sending = null;
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#file = null;
    this.#address = "";
    this.preview.removeAttribute("src");
    this.element.hidden = true;
    this.ring.hidden = true;
    this.again.hidden = true;
    this.#label();
    this.#handlers.onChange();
  }

  /**
   * Sends the waiting picture; when that fails it stays, and says why.
   * @returns {Promise<boolean>} Whether it is sent.
   */
  async send() {
    const file = this.#file;
    if (!file || this.#sending) return false;
    const sending = (this.#sending = new AbortController());
    this.#live = true;
    this.#share(0);
    this.ring.hidden = false;
    this.again.hidden = true;
    this.#say(this.#strings.uploading);
    this.#label();
    this.#handlers.onChange();
    try {
      await this.#handlers.send(file, { onProgress: (share) => this.#share(share), signal: sending.signal });
    } catch (error) {
      if (this.#sending === sending) this.#failed(error);
      return false;
    }
    if (this.#sending === sending) this.clear();
    return true;
  }

  #failed(error) {
    this.#sending = null;
    if (error.reason?.startsWith("PICTURE_")) return this.#refuse(error.reason, error.message); // it never will be taken
    this.ring.hidden = true;
    this.again.hidden = false;
    this.#label();
    this.#say(this.#strings.pictureErrors[error.reason] ?? error.message, true);
    return this.#handlers.onChange();
  }

  #share(share) {
    this.ring.style.setProperty("--share", share.toFixed(3));
    this.ring.setAttribute("aria-valuenow", String(Math.round(share * 100)));
  }

  #label() {
    const { cancelUpload, removePicture } = this.#strings;
    this.remove.setAttribute("aria-label", this.#sending ? cancelUpload : removePicture);
  }

  #say(text, bad = false) {
    this.said.textContent = text;
    this.said.classList.toggle("bad", bad);
  }

  /**
   * Takes what is pasted into the field and dropped on the panel.
   * @param {HTMLElement} field
   * @param {HTMLElement} panel
   */
  listen(field, panel) {
    field.addEventListener("paste", (event) => {
      const file = pictureOf(event.clipboardData);
      if (!file) return;
      event.preventDefault();
      this.take(file);
    });
    let depth = 0; // leaving a child is no leaving of the panel
    const show = (visible) => {
      this.zone.hidden = !visible;
      if (!visible) depth = 0;
    };
    const files = (event) => event.dataTransfer?.types.includes("Files");
    panel.addEventListener("dragenter", (event) => files(event) && show((depth += 1) > 0));
    panel.addEventListener("dragleave", (event) => files(event) && (depth -= 1) <= 0 && show(false));
    panel.addEventListener("dragover", (event) => files(event) && event.preventDefault());
    panel.addEventListener("drop", (event) => {
      if (!files(event)) return;
      event.preventDefault();
      show(false);
      const file = event.dataTransfer?.files[0];
      if (file) this.take(file);
    });
  }
}

/** @param {DataTransfer|null} transfer */
function pictureOf(transfer) {
  return [...(transfer?.files ?? [])].find((file) => file.type.startsWith("image/")) ?? null;
}

/** The whole picture over the page. */
export class Viewer {
  #strings = /** @type {any} */ ({});

  constructor() {
    this.image = h("img", { alt: "" });
    this.button = h("button", { type: "button", class: "icon-button" }, icon("close"));
    this.element = h("dialog", { class: "viewer" }, this.button, this.image);
    this.button.addEventListener("click", () => this.#close());
    this.element.addEventListener("click", (event) => event.target === this.element && this.#close());
    this.element.addEventListener("cancel", () => this.#shade(false));
    this.element.addEventListener("keydown", (event) => event.stopPropagation()); // Escape closes the picture only
    this.element.addEventListener("close", () => this.image.removeAttribute("src"));
  }

  localise(strings) {
    this.#strings = strings;
    this.button.setAttribute("aria-label", strings.closePicture);
  }

  /** @param {{url: string, name: string, width: number, height: number}} picture */
  show({ url, name, width, height }) {
    Object.assign(this.image, { src: url, alt: name, width, height });
    this.element.setAttribute("aria-label", name || this.#strings.picture);
    this.element.showModal();
    this.#shade(true);
  }

  /** What lies behind comes back before the dialog closes, for then the focus goes back there. */
  #close() {
    this.#shade(false);
    this.element.close();
  }

  #shade(inert) {
    for (const part of this.element.parentElement?.children ?? []) {
      if (part !== this.element) /** @type {HTMLElement} */ (part).inert = inert;
    }
  }
}
