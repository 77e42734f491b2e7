/**
 * Stickers to pick from: the tray with search, and the strip that follows what is typed.
 */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { stickerButton } from "./rows.js";

const RECENT_KEY = "stickerdesk:recent";
const MAX_RECENT = 12;
const SEARCH_DELAY_MS = 180;

/** Stickers that were sent lately, newest first. */
export class Recent {
  #storage;
  #key;

  /**
   * @param {Storage|null} storage
   * @param {string} [tenant] Another shop's stickers are not to be had here.
   */
  constructor(storage, tenant) {
    this.#storage = storage;
    this.#key = tenant ? `${RECENT_KEY}:${tenant}` : RECENT_KEY;
    this.stickers = this.#read();
  }

  add(sticker) {
    this.stickers = [sticker, ...this.stickers.filter((other) => other.id !== sticker.id)].slice(0, MAX_RECENT);
    try {
      this.#storage?.setItem(this.#key, JSON.stringify(this.stickers));
    } catch {
      // Storage is full or refused: recent stickers last as long as the page.
    }
  }

  #read() {
    try {
      const kept = JSON.parse(this.#storage?.getItem(this.#key) ?? "[]");
      return Array.isArray(kept) ? kept.filter((sticker) => sticker?.id && sticker.url).slice(0, MAX_RECENT) : [];
    } catch {
      return [];
    }
  }
}

/**
 * Moves the focus among buttons by the arrow keys; one of them is reached by Tab.
 * @param {HTMLElement} grid
 */
function arrowKeys(grid) {
  grid.addEventListener("keydown", (event) => {
    const buttons = [...grid.querySelectorAll("button.sticker")];
    const here = buttons.indexOf(/** @type {any} */ (event.target));
    const next = here < 0 ? undefined : buttons[neighbour(buttons, here, event.key, getComputedStyle(grid).direction)];
    if (!next) return;
    event.preventDefault();
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
    next.focus();
  });
}

function neighbour(buttons, here, key, direction) {
  const forward = direction === "rtl" ? "ArrowLeft" : "ArrowRight";
  const backward = direction === "rtl" ? "ArrowRight" : "ArrowLeft";
  if (key === forward) return here + 1;
  if (key === backward) return here - 1;
  if (key === "Home") return 0;
  if (key === "End") return buttons.length - 1;
  if (key !== "ArrowDown" && key !== "ArrowUp") return -1;
  return across(buttons, here, key === "ArrowDown" ? 1 : -1);
}

/** The button in the next row that is nearest: rows of one group may be shorter than those of another. */
function across(buttons, here, way) {
  const { offsetTop, offsetLeft } = buttons[here];
  const rows = buttons.map((button) => button.offsetTop).filter((top) => (top - offsetTop) * way > 0);
  if (!rows.length) return -1;
  const next = way > 0 ? Math.min(...rows) : Math.max(...rows);
  const inRow = buttons.filter((button) => button.offsetTop === next);
  const nearest = inRow.sort((a, b) => Math.abs(a.offsetLeft - offsetLeft) - Math.abs(b.offsetLeft - offsetLeft))[0];
  return buttons.indexOf(nearest);
}

function roving(buttons) {
  buttons.forEach((button, place) => (button.tabIndex = place === 0 ? 0 : -1));
  return buttons;
}

export class Tray {
  #context;
  #find;
  #recent;
  #timer = 0;
  #asked = 0;

  /**
   * @param {import("./rows.js").RowContext} context
   * @param {(query: string) => Promise<any[]|null>} find Null: nobody could be asked.
   * @param {Recent} recent
   */
  constructor(context, find, recent) {
    this.#context = context;
    this.#find = find;
    this.#recent = recent;
    this.search = h("input", { type: "search", dir: "auto", autocomplete: "off", spellcheck: "false", enterkeyhint: "search" });
    this.grid = h("div", { class: "grid", role: "group" });
    const field = h("label", { class: "search" }, icon("search"), this.search);
    this.element = h("section", { class: "tray", id: "tray", tabindex: "-1", hidden: true }, field, this.grid);
    this.search.addEventListener("input", () => this.#later());
    this.search.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown") return;
      event.preventDefault();
      this.grid.querySelector("button")?.focus();
    });
    arrowKeys(this.grid);
    this.grid.addEventListener("error", ({ target }) => this.#gone(/** @type {any} */ (target)), true);
  }

  /** A sticker whose picture is no more (a recent one of a pack that was taken away) cannot be sent either. */
  #gone(image) {
    const button = image.closest?.("button.sticker");
    const next = button?.tabIndex === 0 ? this.grid.querySelector("button.sticker[tabindex='-1']") : null;
    button?.remove();
    if (next) next.tabIndex = 0;
  }

  get open() {
    return !this.element.hidden;
  }

  localise() {
    const { strings } = this.#context;
    this.element.setAttribute("aria-label", strings.stickers);
    this.grid.setAttribute("aria-label", strings.stickers);
    this.search.setAttribute("aria-label", strings.searchStickers);
    this.search.placeholder = strings.searchStickers;
  }

  show() {
    this.element.hidden = false;
    this.search.value = "";
    // Under a thumb the search would bring up the keyboard, which leaves the stickers no room.
    (matchMedia("(hover: hover)").matches ? this.search : this.element).focus();
    this.#load();
  }

  hide() {
    this.element.hidden = true;
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#load(), SEARCH_DELAY_MS);
  }

  async #load() {
    const query = this.search.value.trim();
    const asked = ++this.#asked;
    const found = await this.#find(query);
    if (asked !== this.#asked) return;
    const { strings } = this.#context;
    const recent = query ? [] : this.#recent.stickers;
    const seen = new Set(recent.map((sticker) => sticker.id));
    const stickers = [...recent, ...(found ?? []).filter((sticker) => !seen.has(sticker.id))];
    const buttons = roving(stickers.map((sticker, place) => stickerButton(sticker, place, this.#context)));
    if (recent.length) {
      buttons.splice(recent.length, 0, h("p", { class: "grid-head", text: strings.allStickers }));
      buttons.unshift(h("p", { class: "grid-head", text: strings.recent }));
    }
    const none = h("p", { class: "none", text: found ? strings.noStickers : strings.stickersAway });
    this.grid.replaceChildren(...(buttons.length ? buttons : [none]));
    this.grid.scrollTop = 0;
  }
}

/** The strip above the composer that follows what is typed. */
export class Strip {
  #context;
  #shown = "";

  /**
   * @param {import("./rows.js").RowContext} context
   * @param {{onPick: (sticker: any, place: number) => void, onDismiss: (stickers: any[]) => void}} handlers
   */
  constructor(context, { onPick, onDismiss }) {
    this.#context = Object.assign(Object.create(context), { sendSticker: onPick });
    this.stickers = [];
    this.items = h("div", { class: "strip-items", role: "group" });
    this.dismiss = h("button", { type: "button", class: "icon-button small" }, icon("close"));
    this.dismiss.addEventListener("click", () => onDismiss(this.stickers));
    this.element = h("div", { class: "strip", hidden: true }, this.items, this.dismiss);
    arrowKeys(this.items);
  }

  localise() {
    const { strings } = this.#context;
    this.items.setAttribute("aria-label", strings.suggestions);
    this.dismiss.setAttribute("aria-label", strings.dismiss);
  }

  /** @param {any[]} stickers */
  show(stickers) {
    const ids = stickers.map((sticker) => sticker.id).join();
    this.element.hidden = stickers.length === 0;
    if (ids === this.#shown) return;
    this.#shown = ids;
    this.stickers = stickers;
    this.items.replaceChildren(...roving(stickers.map((sticker, place) => stickerButton(sticker, place, this.#context))));
    this.items.scrollLeft = 0;
  }
}
