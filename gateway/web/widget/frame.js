/**
 * The parts that hold the rest: the launcher, the panel, its header, the line that tells of trouble.
 */

import { attribute, h } from "./dom.js";
import { icon } from "./icons.js";

/** @param {() => void} toggle */
export function launcher(toggle) {
  const badge = h("span", { class: "badge", hidden: true, "aria-hidden": "true" });
  const button = h("button", { type: "button", class: "launcher", "aria-expanded": "false", on: { click: toggle } },
    icon("sticker", "icon closed-icon"), icon("down", "icon open-icon"), badge);
  return {
    button,
    /** @param {{open: boolean, unread: number, strings: any}} view */
    draw({ open, unread, strings }) {
      const label = open ? strings.close : strings.open;
      button.setAttribute("aria-label", unread && !open ? `${label}, ${strings.unread(unread)}` : label);
      attribute(button, "aria-expanded", String(open));
      badge.hidden = open || unread === 0;
      badge.textContent = unread > 9 ? "9+" : String(unread);
    },
  };
}

/** @param {() => void} close */
export function header(close) {
  const title = h("h2", { class: "title", id: "title" });
  const status = h("p", { class: "status" });
  const button = h("button", { type: "button", class: "icon-button", on: { click: close } }, icon("down"));
  const element = h("div", { class: "header" },
    h("div", { class: "avatar large" }, icon("sticker")), h("div", { class: "heading" }, title, status), button);
  return {
    element,
    /** @param {{title: string, status: string, live: boolean, closeLabel: string}} view */
    draw({ title: name, status: said, live, closeLabel }) {
      if (title.textContent !== name) title.textContent = name;
      if (status.textContent !== said) status.textContent = said;
      status.classList.toggle("live", live);
      button.setAttribute("aria-label", closeLabel);
    },
  };
}

/** The line that tells of trouble, with a way out of it where there is one. */
export function banner() {
  const text = h("span");
  const button = h("button", { type: "button", class: "link" });
  const element = h("div", { class: "banner", role: "status", hidden: true }, text, button);
  let act = () => {};
  button.addEventListener("click", () => act());
  return {
    element,
    /** @param {{text: string, action?: string, act?: () => void}|null} trouble */
    draw(trouble) {
      element.hidden = trouble === null;
      if (trouble === null) return;
      text.textContent = trouble.text;
      button.hidden = !trouble.action;
      button.textContent = trouble.action ?? "";
      act = trouble.act ?? (() => {});
    },
  };
}

/**
 * The card that greets in an empty conversation.
 * @param {HTMLElement} place
 * @param {{greeting: string, starters: string[], say: (text: string) => void, visible: boolean}} view
 */
export function welcome(place, { greeting, starters, say, visible }) {
  place.hidden = !visible;
  const chips = starters.map((text) => h("button", { type: "button", class: "chip", text, on: { click: () => say(text) } }));
  place.replaceChildren(
    h("div", { class: "welcome-mark" }, icon("sticker")),
    h("p", { class: "greeting", text: greeting }),
    h("div", { class: "chips" }, ...chips),
  );
}
