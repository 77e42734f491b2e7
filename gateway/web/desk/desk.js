/**
 * `<stickerdesk-desk>`: people of the shop in conversations. Lists on the left, one conversation on the right.
 */

import { prepare } from "../sdk/pictures.js";
import { h } from "../widget/dom.js";
import { Recent } from "../widget/stickers.js";
import { pickLanguage, STRINGS } from "../widget/strings.js";
import { call, deed, send, Stream } from "./api.js";
import { Board } from "./board.js";
import { Lists, mood } from "./lists.js";
import { Login, linkWord } from "./login.js";
import { Pane } from "./pane.js";
import { newId, Saying } from "./saying.js";
import { sheet } from "./styles.js";
import { Thread } from "./thread.js";
import { called, WORDS } from "./words.js";

const RENEW_MS = 10 * 60_000;
const TICK_MS = 5_000;
const FLASH_MS = 1_200;
const TYPING_MS = 3_000;

class StickerdeskDesk extends HTMLElement {
  #who = /** @type {any} */ (null);
  #board = new Board();
  #approvals = /** @type {any[]} */ ([]);
  #decided = "";
  #recent = /** @type {any[]} */ ([]);
  #thread = /** @type {Thread|null} */ (null);
  #shown = /** @type {any} */ (null);
  #streams = /** @type {{board?: Stream, thread?: Stream}} */ ({});
  #live = true;
  #frame = 0;
  #typedAt = 0;
  #saying = new Saying((error, conversation, body) => this.#unsaid(error, conversation, body));
  #read = new Map();
  #pictureIds = new WeakMap();

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
      earlier: () => void this.#earlier(),
      view: (picture) => this.pane.viewer.show(picture),
      sendSticker: (sticker) => this.#sticker(sticker),
      retry: () => {},
      discard: () => {},
      reply: () => {},
      open: (conversation, one) => this.#open(conversation, one),
      decide: (one, agree) => void this.#decide(one, agree),
    };
  }

  #acts() {
    return {
      take: () => void this.#do("take"),
      handBack: () => void this.#do("hand-back"),
      close: () => void this.#do("close"),
      say: (text) => this.#say({ text }),
      show: (file, { signal }) => this.#show(file, signal),
      revise: (seq, revision) => this.#thread && this.#saying.revise(this.#thread.conversation, seq, revision),
      typed: (text) => this.#typed(text),
      sticker: (sticker) => this.#sticker(sticker),
      seen: (seq) => this.#seen(seq),
      back: () => this.#leave(),
      find: (query) => this.#find(query),
      recent: this.recentStickers,
    };
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
    this.#streams.board = new Stream("/events", {
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
    for (const stream of Object.values(this.#streams)) stream?.close();
    this.#streams = {};
    this.#who = null;
    this.#leave();
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

  // ---- one conversation ------------------------------------------------------------------------------------------

  /** Only lists know of conversations; an approval may name one that is in none. */
  #open(conversation, one = this.#board.get(conversation)) {
    if (this.#thread?.conversation === conversation) return;
    this.#leave();
    this.#shown = one ?? this.#recent.find((known) => known.conversation === conversation) ?? { conversation, customer: "",
      name: this.#approvals.find((known) => known.conversation === conversation)?.name, language: this.context.language, state: "open", last_seq: 0 };
    const thread = new Thread(conversation, this.#who.name, () => this.#schedule());
    this.#thread = thread;
    this.pane.show(thread);
    this.desk.classList.add("open");
    const events = { ...thread.events, caught_up: (data) => this.#caughtUp(thread, data) };
    this.#streams.thread = new Stream(deed(conversation, "events"), events, { live: (live) => this.#setLive(live), refused: () => void this.#stillIn() });
    this.#schedule();
  }

  #caughtUp(thread, data) {
    thread.events.caught_up(data);
    requestAnimationFrame(() => {
      this.#draw();
      this.pane.log.settle();
      if (this.#mine && matchMedia("(hover: hover)").matches) this.pane.composer.field.focus();
    });
  }

  #leave() {
    this.#streams.thread?.close();
    this.#thread?.close();
    this.#thread = null;
    this.#shown = null;
    this.pane.show(null);
    this.desk.classList.remove("open");
    this.#schedule();
  }

  get #summary() {
    const { conversation } = /** @type {any} */ (this.#thread);
    const known = this.#board.get(conversation);
    if (known) this.#shown = known;
    else if (this.#shown.agent || this.#shown.state === "handed_over") {
      const recent = this.#recent.find((one) => one.conversation === conversation);
      this.#shown = recent ?? { ...this.#shown, agent: undefined };
    }
    return this.#shown;
  }

  get #mine() {
    return this.#thread !== null && this.#board.isMine(this.#summary) && this.#summary.state === "handed_over";
  }

  async #do(what) {
    const thread = this.#thread;
    if (!thread) return;
    this.pane.say("");
    try {
      const { conversation } = await call("POST", deed(thread.conversation, what), {});
      if (conversation.state === "handed_over") this.#board.changed(conversation, Date.now());
      else this.#board.removed(conversation);
      if (this.#thread === thread) this.#shown = conversation;
      this.#draw(); // what is not shown cannot be focused
      if (what === "take") this.pane.composer.field.focus();
      else void this.#lookAtRecent();
    } catch (error) {
      this.#failed(error);
    }
    this.#schedule();
  }

  #say(content) {
    if (!this.#thread) return;
    this.pane.say("");
    this.pane.log.toEnd();
    this.#typedAt = 0;
    this.#saying.say(this.#thread.conversation, content);
  }

  /** A picture; the same picture again is said once. @param {Blob} file @param {AbortSignal} signal */
  async #show(file, signal) {
    if (!this.#thread) return;
    const path = deed(this.#thread.conversation, "pictures");
    const picture = await prepare(file);
    const message_id = this.#pictureIds.get(file) ?? newId();
    this.#pictureIds.set(file, message_id);
    await send(`${path}?message_id=${message_id}`, picture, signal);
    this.pane.log.toEnd();
  }

  /** What could not be said is in the field again, or where that is taken stands in the complaint. */
  #unsaid(error, conversation, { message_id, text }) {
    this.#failed(error);
    if (!text || !this.#who) return;
    if (message_id && this.#thread?.conversation === conversation && !this.pane.composer.text) this.pane.composer.text = text;
    else this.pane.say(`${this.pane.fault.textContent} ${this.context.words.notSent(text)}`.trim());
  }

  #sticker(sticker) {
    this.recentStickers.add(sticker);
    this.pane.closeTray();
    this.#say({ sticker: sticker.id });
  }

  #typed(text) {
    const active = text.trim() !== "";
    if (!this.#thread || (active && Date.now() - this.#typedAt < TYPING_MS)) return;
    this.#typedAt = active ? Date.now() : 0;
    void call("POST", deed(this.#thread.conversation, "typing"), { active }).catch(() => {});
  }

  #seen(seq) {
    if (!this.#thread || document.hidden) return;
    const { conversation } = this.#thread;
    this.#board.seen(conversation, seq);
    if (!this.#mine || seq <= (this.#read.get(conversation) ?? 0)) return;
    this.#read.set(conversation, seq);
    void call("POST", deed(conversation, "read"), { seq }).catch(() => {});
  }

  async #earlier() {
    const thread = this.#thread;
    const before = thread?.transcript.more ?? null;
    if (!thread || before === null) return;
    const page = await call("GET", `${deed(thread.conversation, "entries")}?before=${before}`).catch(() => null);
    if (page) thread.earlier(before, page);
  }

  async #find(query) {
    const words = query || (this.context.language === "zh" ? "谢谢" : "thanks");
    const search = new URLSearchParams({ q: words, limit: "48", tenant: this.#who.tenant, locale: this.context.locale });
    const answer = await fetch(`/v1/stickers/search?${search}`, { credentials: "omit" }).catch(() => null);
    return answer?.ok ? (await answer.json()).stickers : [];
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
    if (this.#thread) this.pane.say(text);
    else this.speaker.textContent = text;
    return undefined;
  }

  // ---- keys and attention ----------------------------------------------------------------------------------------

  #shortcut(event) {
    if (!event.altKey || event.ctrlKey || event.metaKey || !this.#who) return;
    const acts = {
      ArrowDown: () => this.#step(1),
      ArrowUp: () => this.#step(-1),
      KeyT: () => this.#thread && !this.#mine && void this.#do("take"),
    };
    if (!Object.hasOwn(acts, event.code)) return;
    event.preventDefault();
    acts[event.code]();
  }

  #step(way) {
    const { mine, waiting, others } = this.#board.sections;
    const all = [...mine, ...waiting, ...others];
    if (!all.length) return;
    const here = all.findIndex((one) => one.conversation === this.#thread?.conversation);
    const next = all[here < 0 ? (way > 0 ? 0 : all.length - 1) : (here + way + all.length) % all.length];
    this.#open(next.conversation, next);
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
    this.lists.draw({ board: this.#board, approvals: this.#approvals, decided: this.#decided, recent: this.#elsewhere(), current: this.#thread?.conversation ?? "", now });
    if (this.#thread) this.pane.draw(this.#thread, this.#summary, this.#mine);
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
