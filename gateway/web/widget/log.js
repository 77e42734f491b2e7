/**
 * The conversation's scroller: draws rows, keeps the place where the reader is, says final answers aloud.
 */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { drawRow, stickerName, updateDraft } from "./rows.js";

const NEAR_END_PX = 64;
const NEAR_START_PX = 80;
const SEEN_SHARE = 0.6;
const MARGIN_PX = 12;

export class Log {
  /** @type {Map<string, {signature: string, element: HTMLElement}>} */
  #drawn = new Map();
  #context;
  #settled = false;

  #seen;
  #onSeen;

  /**
   * @param {import("./rows.js").RowContext} context
   * @param {{seen: (seq: number) => void, extra: HTMLElement}} more `seen` hears of each entry that came into sight;
   *   `extra` stands below the rows.
   */
  constructor(context, { seen, extra }) {
    this.#context = context;
    this.#onSeen = seen;
    this.welcome = h("div", { class: "welcome" });
    this.list = h("div", { class: "rows" });
    this.scroller = h("div", { class: "log", role: "log", "aria-live": "off", tabindex: "0" }, this.welcome, this.list, extra);
    this.speaker = h("div", { class: "sr", role: "status", "aria-live": "polite" });
    this.pill = h("button", { type: "button", class: "pill", hidden: true, on: { click: () => this.toEnd() } });
    this.element = h("div", { class: "log-frame" }, this.scroller, this.pill, this.speaker);
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#seen = new IntersectionObserver((seen) => this.#sighted(seen), { root: this.scroller, threshold: [0, SEEN_SHARE] });
    // A picture that arrives late must not push the end out of sight.
    this.list.addEventListener("load", () => this.#stuck && this.#jump(), true);
    // Neither must a smaller window, nor the question how it was, which comes below.
    const sizes = new ResizeObserver(() => {
      this.#box = this.#measured();
      if (this.#stuck) this.#jump();
    });
    for (const element of [this.scroller, extra]) sizes.observe(element);
  }

  #stuck = true;
  #top = 0;
  #box = "";
  #newest = 0;

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
    // Who was at the end still is when the window has just become smaller: only scrolling leaves it.
    this.#stuck = this.#stuck || this.#atEnd() || !this.#settled;
    const news = rows.some(({ key, data }) => !this.#drawn.has(key) && (data.seq ?? Infinity) > this.#newest);
    this.#newest = Math.max(0, ...rows.map(({ data }) => data.seq ?? 0));
    const anchor = this.#stuck ? null : this.#anchor();
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
    if (!anchor) return this.#jump();
    this.#holdPlace(anchor);
    if (news) this.pill.hidden = false;
    return undefined;
  }

  /** Looks again at what is in sight, as when the page is looked at again. */
  look() {
    for (const row of this.list.children) {
      this.#seen.unobserve(row);
      if (row.dataset.seq) this.#seen.observe(row);
    }
  }

  /** From here on rows appear with a movement, and the reader's place counts. */
  settle() {
    this.#settled = true;
    this.#jump();
  }

  /** Says an answer aloud once, when it is complete. @param {any} entry */
  announce(entry) {
    const { strings, language } = this.#context;
    if (entry.revision) {
      this.speaker.textContent = entry.revision.kind === "edited" ? `${strings.edited}: ${entry.revision.text}` : strings.takenBack;
      return;
    }
    const sticker = entry.sticker ?? (entry.author === "customer" ? null : entry.stickers?.[0]);
    const parts = [entry.text ?? entry.notice?.text, ...cardNames(entry, strings), sticker && strings.sticker(stickerName(sticker, language))];
    this.speaker.textContent = `${strings[entry.author] ?? ""}: ${parts.filter(Boolean).join(" ")}`;
  }

  /** Shows the newest, as after sending. */
  toEnd() {
    this.pill.hidden = true;
    this.#stuck = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#top = this.scroller.scrollTop;
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
    if (!drawn && this.#settled && !row.data.replayed) element.classList.add("enter");
    if (row.data.seq && row.kind !== "gap") {
      element.dataset.seq = row.data.seq;
      this.#seen.observe(element);
    }
    return element;
  }

  /** Who scrolls stays there; growth below is no scrolling, nor what the browser moves when the window changes. */
  #scrolled() {
    const { scrollTop } = this.scroller;
    const box = this.#measured();
    if (box === this.#box && Math.abs(scrollTop - this.#top) > 2) this.#stuck = this.#atEnd();
    this.#box = box;
    this.#top = scrollTop;
    if (this.#atEnd()) this.pill.hidden = true;
    if (this.#settled && this.scroller.scrollTop < NEAR_START_PX) this.#context.earlier();
  }

  #measured() {
    return `${this.scroller.clientWidth} ${this.scroller.clientHeight}`;
  }

  #sighted(seen) {
    for (const { isIntersecting, intersectionRatio, boundingClientRect, rootBounds, target } of seen) {
      if (!isIntersecting) continue;
      const fills = rootBounds && boundingClientRect.height > rootBounds.height * SEEN_SHARE;
      if (fills || intersectionRatio >= SEEN_SHARE) this.#onSeen(Number(/** @type {HTMLElement} */ (target).dataset.seq));
    }
  }

  /** The first row in sight and where it is, so that rows above it do not push it away. */
  #anchor() {
    const top = this.scroller.getBoundingClientRect().top;
    const row = [...this.list.children].find((element) => element.dataset.seq && element.getBoundingClientRect().bottom > top);
    return { seq: row?.dataset.seq, top: row?.getBoundingClientRect().top };
  }

  /** The row may have been drawn anew, so it is known by its entry. */
  #holdPlace({ seq, top }) {
    const row = seq && this.list.querySelector(`[data-seq="${seq}"]`);
    if (row) this.scroller.scrollTop += row.getBoundingClientRect().top - top;
  }

  /** To the end, or to the beginning of an answer that is longer than the window: it is read from there. */
  #jump() {
    const { scroller } = this;
    const last = this.list.lastElementChild;
    const begins = last?.matches(".theirs[data-seq]") && last.clientHeight > scroller.clientHeight - MARGIN_PX;
    scroller.scrollTop = begins && this.#settled ? last.offsetTop - scroller.offsetTop - MARGIN_PX : scroller.scrollHeight;
    this.#top = scroller.scrollTop;
  }

  #atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }
}

function cardNames(entry, strings) {
  return (entry.cards ?? []).map(({ kind, number, code }) => (kind === "coupon" ? `${strings.coupon} ${code}` : strings[kind]?.(number)));
}
