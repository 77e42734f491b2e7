/**
 * Getting in: by the link in the address, which is good once, or by a key.
 */

import { h } from "../widget/dom.js";
import { icon } from "../widget/icons.js";
import { paint } from "../widget/markdown.js";
import { call } from "./api.js";

/** The word of a link, taken out of the address so that it is kept nowhere. @returns {string} */
export function linkWord() {
  const word = new URLSearchParams(location.hash.slice(1)).get("login") ?? "";
  if (word) history.replaceState(null, "", location.pathname + location.search);
  return word;
}

export class Login {
  #context;

  /** @param {any} context @param {(who: any) => void} entered */
  constructor(context, entered) {
    this.#context = context;
    this.field = h("input", { type: "password", autocomplete: "off", spellcheck: "false", required: true, id: "key" });
    this.label = h("label", { for: "key" });
    this.button = h("button", { type: "submit", class: "button" });
    this.said = h("p", { class: "fault", role: "alert", hidden: true });
    this.title = h("h1");
    this.note = h("div", { class: "note" });
    const form = h("form", { class: "login" }, h("span", { class: "empty-mark" }, icon("sticker")), this.title, this.note,
      this.label, this.field, this.said, this.button);
    this.element = h("main", { hidden: true }, form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#try({ key: this.field.value.trim() }, entered);
    });
  }

  localise() {
    const { words } = this.#context;
    this.title.textContent = words.login;
    this.note.replaceChildren(...paint(words.loginNote));
    this.label.textContent = words.key;
    this.button.textContent = words.enter;
  }

  /** @param {string} [why] */
  show(why = "") {
    this.element.hidden = false;
    this.say(why);
    this.field.focus();
  }

  say(text) {
    this.said.textContent = text;
    this.said.hidden = text === "";
  }

  async #try(proof, entered) {
    this.button.disabled = true;
    try {
      const who = await call("POST", "/session", proof);
      this.field.value = "";
      this.element.hidden = true;
      entered(who);
    } catch (error) {
      this.say(/** @type {any} */ (error).message || this.#context.words.notDone);
      this.field.select();
    } finally {
      this.button.disabled = false;
    }
  }
}
