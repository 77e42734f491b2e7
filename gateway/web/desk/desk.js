/**
 * `<stickerdesk-desk>`: people of the shop in conversations. Lists on the left, one conversation on the right.
 */

import { h } from "../widget/dom.js";
import { Recent } from "../widget/stickers.js";
import { pickLanguage, STRINGS } from "../widget/strings.js";
import { call, Stream } from "./api.js";
import { Board } from "./board.js";
import { Lists, mood } from "./lists.js";
import { Login, linkWord } from "./login.js";
import { Pane } from "./pane.js";
import { Shown } from "./shown.js";
import { sheet } from "./styles.js";
import { called, WORDS } from "./words.js";

const RENEW_MS = 10 * 60_000;
const TICK_MS = 5_000;
const FLASH_MS = 1_200;

class StickerdeskDesk extends HTMLElement {
  #who = /** @type {any} */ (null);
  #board = new Board();
  #approvals = /** @type {any[]} */ ([]);
  #decided = "";
  #recent = /** @type {any[]} */ ([]);
  #stream = /** @type {Stream|null} */ (null);
  #live = true;
  #frame = 0;

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet()];
    this.context = this.#makeContext();
    this.recentStickers = new Recent(globalThis.localStorage ?? null);
  }

  connectedCallback() {
    this.login = new Login(this.context, (who) => this.#enter(who));
    this.lists = new Lists(this.context);
    this.pane = new Pane(this.context, this.#acts());
    this.shown = this.#makeShown();
    this.status = h("p", { class: "offline", role: "status", hidden: true });
    this.speaker = h("div", { class: "sr", role: "status", "aria-live": "polite" });
    this.bar = h("header", { class: "bar" });
    this.desk = h("div", { class: "desk", hidden: true }, this.bar, this.status, h("div", { class: "sides" }, this.lists.element, this.pane.element));
    this.shadowRoot.replaceChildren(this.login.element, this.desk, this.speaker);
    this.#localise(navigator.languages);
    document.addEventListener("keydown", (event) => this.#shortcut(event));
    document.addEventListener("visibilitychange", () => this.#flash());
    setInterval(() => this.#schedule(), TICK_MS);
    setInterval(() => this.#who && call("GET", "/session").catch(() => {}), RENEW_MS);
    void this.#begin();
  }

  #makeContext() {
    return {
      words: WORDS.en,
      strings: STRINGS.en,
      language: /** @type {"en"|"zh"} */ ("en"),
      locale: "en",
      asset: (path) => new URL(path, location.origin).href,
      mine: (data) => data.author !== "customer",
      beside: (data) => (data.author === "customer" ? mood(data.emotion, this.context.words) : this.pane.change(data)),
      earlier: () => void this.shown.earlier(),
      view: (picture) => this.pane.viewer.show(picture),
      sendSticker: (sticker) => this.#sticker(sticker),
      retry: () => {},
      discard: () => {},
      reply: () => {},
      open: (conversation, one) => this.shown.open(conversation, one),
      decide: (one, agree) => void this.#decide(one, agree),
    };
  }

  #acts() {
    return {
      take: () => void this.shown.act("take"),
      handBack: () => void this.shown.act("hand-back"),
      close: () => void this.shown.act("close"),
      say: (text) => this.shown.say({ text }),
      show: (file, { signal }) => this.shown.show(file, signal),
      revise: (seq, revision) => this.shown.revise(seq, revision),
      typed: (text) => this.shown.typed(text),
      sticker: (sticker) => this.#sticker(sticker),
      seen: (seq) => this.shown.seen(seq),
      back: () => this.shown.leave(),
      find: (query) => this.#find(query),
      recent: this.recentStickers,
    };
  }

  #makeShown() {
    return new Shown(this.pane, this.#board, {
      context: this.context,
      who: () => this.#who,
      recent: (conversation) => this.#recent.find((one) => one.conversation === conversation),
      named: (conversation) => this.#approvals.find((one) => one.conversation === conversation)?.name,
      opened: (open) => this.desk.classList.toggle("open", open),
      live: (live) => this.#setLive(live),
      refused: () => void this.#stillIn(),
      failed: (error) => this.#failed(error),
      moved: () => void this.#lookAtRecent(),
      draw: () => this.#draw(),
      changed: () => this.#schedule(),
    });
  }

  #localise(wanted) {
    const { language, locale } = pickLanguage(wanted);
    const words = WORDS[language];
    const own = { placeholder: words.placeholder, messageLabel: words.messageLabel, thinking: words.thinking, agentTyping: words.agentTyping,
      customer: words.customer, you: words.customer, transcript: words.transcript };
    Object.assign(this.context, { language, locale, words, strings: { ...STRINGS[language], ...own } });
    document.documentElement.lang = locale;
    this.login.localise();
    this.pane.localise();
    this.#schedule();
  }

  // ---- in and out ------------------------------------------------------------------------------------------------

  async #begin() {
    const login = linkWord();
    try {
      this.#enter(login ? await call("POST", "/session", { login }) : await call("GET", "/session"));
    } catch (error) {
      const known = login && (await call("GET", "/session").catch(() => null));
      if (known) this.#enter(known);
      else this.login.show(login ? this.context.words.linkUsed : "");
    }
  }

  #enter(who) {
    this.#who = who;
    this.#board.begin(who.id);
    this.desk.hidden = false;
    this.#stream = new Stream("/events", {
      listed: (listed) => this.#told(() => this.#board.listed(listed, Date.now())),
      changed: (one) => this.#told(() => this.#board.changed(one, Date.now())),
      removed: (gone) => {
        this.#told(() => this.#board.removed(gone));
        void this.#lookAtRecent();
      },
      approvals: () => void this.#lookAtApprovals(),
    }, { live: (live) => this.#setLive(live), refused: () => void this.#stillIn() });
    void this.#lookAtRecent();
    void this.#lookAtApprovals();
    this.#schedule();
  }

  async #stillIn() {
    await call("GET", "/session").catch((error) => [401, 403].includes(error.status) && this.#out());
  }

  #out() {
    this.#stream?.close();
    this.#stream = null;
    this.#who = null;
    this.shown.leave();
    this.#board.begin("");
    this.desk.hidden = true;
    this.login.show();
    document.title = this.context.words.title;
  }

  async #logOut() {
    await call("DELETE", "/session").catch(() => {});
    this.#out();
  }

  #setLive(live) {
    this.#live = live;
    this.#schedule();
  }

  // ---- what is told ----------------------------------------------------------------------------------------------

  #told(act) {
    const before = new Set(this.#board.sections.waiting.map((one) => one.conversation));
    const calls = this.#board.calls;
    act();
    const { words } = this.context;
    const fresh = this.#board.sections.waiting.find((one) => !before.has(one.conversation));
    if (fresh && before.size + calls > 0) this.speaker.textContent = words.newWaiting(called(fresh, words));
    this.#schedule();
  }

  async #lookAtRecent() {
    const page = await call("GET", "/conversations?list=recent").catch(() => null);
    if (page) this.#recent = page.conversations.slice(0, 12);
    this.#schedule();
  }

  async #lookAtApprovals() {
    const page = await call("GET", "/approvals").catch(() => null);
    if (page) this.#approvals = page.approvals;
    this.#schedule();
  }

  // ---- stickers and decisions ------------------------------------------------------------------------------------

  #sticker(sticker) {
    this.recentStickers.add(sticker);
    this.pane.closeTray();
    this.shown.say({ sticker: sticker.id });
  }

  async #find(query) {
    const words = query || (this.context.language === "zh" ? "谢谢" : "thanks");
    const search = new URLSearchParams({ q: words, limit: "48", tenant: this.#who.tenant, locale: this.context.locale });
    const answer = await fetch(`/v1/stickers/search?${search}`, { credentials: "omit" }).catch(() => null);
    return answer?.ok ? (await answer.json()).stickers : null;
  }

  async #decide(one, agree) {
    const { words } = this.context;
    try {
      const { approval } = await call("POST", `/approvals/${encodeURIComponent(one.id)}`, { agree });
      this.#decided = words.decided[approval.status] + (approval.told ? words.told : words.toldLater);
    } catch (error) {
      this.#decided = /** @type {any} */ (error).message || words.notDone;
      if (/** @type {any} */ (error).status === 401) return this.#out();
    }
    this.speaker.textContent = this.#decided;
    return this.#lookAtApprovals();
  }

  #failed(error) {
    if (error.status === 401) return this.#out();
    const text = error.message || this.context.words.notDone;
    if (this.shown.thread) this.pane.say(text);
    else this.speaker.textContent = text;
    return undefined;
  }

  // ---- keys and attention ----------------------------------------------------------------------------------------

  #shortcut(event) {
    if (!event.altKey || event.ctrlKey || event.metaKey || !this.#who) return;
    const acts = {
      ArrowDown: () => this.#step(1),
      ArrowUp: () => this.#step(-1),
      KeyT: () => !this.shown.mine && void this.shown.act("take"),
    };
    if (!Object.hasOwn(acts, event.code)) return;
    event.preventDefault();
    acts[event.code]();
  }

  #step(way) {
    const { mine, waiting, others } = this.#board.sections;
    const all = [...mine, ...waiting, ...others];
    if (!all.length) return;
    const here = all.findIndex((one) => one.conversation === this.shown.conversation);
    const next = all[here < 0 ? (way > 0 ? 0 : all.length - 1) : (here + way + all.length) % all.length];
    this.shown.open(next.conversation, next);
  }

  #flashing = /** @type {any} */ (0);

  /** The title tells how many call, and calls itself while nobody looks. */
  #flash() {
    clearInterval(this.#flashing);
    this.#flashing = 0;
    const { words } = this.context;
    const { calls } = this.#board;
    const plain = calls ? `(${calls}) ${words.title}` : words.title;
    document.title = plain;
    if (!calls || !document.hidden || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    this.#flashing = setInterval(() => (document.title = document.title === plain ? `● ${words.flash}` : plain), FLASH_MS);
  }

  // ---- drawing ---------------------------------------------------------------------------------------------------

  #schedule() {
    if (this.#frame) return;
    const draw = () => {
      this.#frame = 0;
      this.#draw();
    };
    this.#frame = document.hidden ? /** @type {any} */ (setTimeout(draw, 100)) : requestAnimationFrame(draw);
  }

  #draw() {
    if (!this.#who) return;
    const now = Date.now();
    const { words } = this.context;
    this.lists.draw({ board: this.#board, approvals: this.#approvals, decided: this.#decided, recent: this.#elsewhere(), current: this.shown.conversation, now });
    this.shown.draw();
    this.status.hidden = this.#live;
    this.status.textContent = this.#live ? "" : words.offline;
    this.#drawBar();
    this.#flash();
  }

  /** Recent ones that are in no other list. */
  #elsewhere() {
    return this.#recent.filter((one) => !this.#board.get(one.conversation));
  }

  #barDrawn = "";

  #drawBar() {
    const { words, language } = this.context;
    const { calls } = this.#board;
    const drawn = [this.#who.name, calls, language].join("|");
    if (drawn === this.#barDrawn) return;
    this.#barDrawn = drawn;
    const other = language === "zh" ? ["EN", ["en"]] : ["中文", ["zh-CN"]];
    this.bar.replaceChildren(
      h("strong", { class: "brand", text: words.title }),
      h("span", { class: "me" }, h("span", { text: this.#who.name }), calls ? h("span", { class: "badge", "aria-label": words.calls(calls), role: "img", text: String(calls) }) : null),
      h("button", { type: "button", class: "link", lang: other[1][0], text: other[0], on: { click: () => this.#localise(other[1]) } }),
      h("button", { type: "button", class: "link", text: words.leave, on: { click: () => void this.#logOut() } }));
  }
}

customElements.define("stickerdesk-desk", StickerdeskDesk);
