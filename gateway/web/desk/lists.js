/**
 * The left side: who waits, whom I have, what waits for a decision.
 */

import { h } from "../widget/dom.js";
import { icon } from "../widget/icons.js";
import { moneyText } from "../widget/money.js";
import { deedWords, factWords, whyWords } from "./approval_words.js";
import { called, span } from "./words.js";

const FACES = { joy: "face5", love: "face5", gratitude: "face4", surprise: "face3", confusion: "face3", anxiety: "face2", sadness: "face1", anger: "face1" };
const HARD = new Set(["anger", "anxiety", "sadness"]);

/** How a customer feels, as a face and a word. @param {string|undefined} emotion @param {any} words */
export function mood(emotion, words) {
  if (!emotion || !words.moods[emotion]) return null;
  return h("span", { class: `mood ${HARD.has(emotion) ? "hard" : "fine"} ${emotion}` }, icon(FACES[emotion]), h("span", { text: words.moods[emotion] }));
}

export class Lists {
  #context;
  #drawn = "";

  /**
   * @param {any} context Words, locale, and what may be done: `open`, `decide`.
   */
  constructor(context) {
    this.#context = context;
    this.element = h("nav", { class: "lists" });
  }

  /**
   * @param {{board: import("./board.js").Board, approvals: any[], decided: string, recent: any[], current: string, now: number}} state
   *   `decided`: what became of the last one.
   */
  draw({ board, approvals, decided, recent, current, now }) {
    const { words, locale } = this.#context;
    const { mine, waiting, others } = board.sections;
    const facts = [mine, waiting, others, recent, approvals, decided, current, Math.floor(now / 10_000), locale, mine.map((one) => board.unread(one))];
    const drawn = JSON.stringify(facts);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const focused = /** @type {any} */ (this.element.getRootNode()).activeElement?.dataset?.conversation;
    const state = { board, current, now };
    this.element.setAttribute("aria-label", words.title);
    this.element.replaceChildren(
      this.#section("mine", words.mine, mine, state, words.noneMine),
      this.#section("waiting", words.waiting, waiting, state, words.nobodyWaits),
      this.#approvals(approvals, decided),
      ...(others.length ? [this.#section("others", words.others, others, state)] : []),
      ...(recent.length ? [this.#section("recent", words.recent, recent, state)] : []),
    );
    if (focused) /** @type {any} */ (this.element.querySelector(`[data-conversation="${CSS.escape(focused)}"]`))?.focus();
  }

  #section(name, title, summaries, state, empty = "") {
    const items = summaries.map((one) => h("li", null, this.#item(name, one, state)));
    return h("section", { class: name, "aria-labelledby": `list-${name}` },
      h("h2", { id: `list-${name}` }, title, items.length ? h("span", { class: "count", text: String(items.length) }) : null),
      items.length ? h("ul", null, ...items) : h("p", { class: "none", text: empty }));
  }

  #item(name, one, { board, current, now }) {
    const { words, open } = this.#context;
    const unread = name === "mine" && board.unread(one);
    const here = one.conversation === current;
    return h("button", { type: "button", class: `item${here ? " here" : ""}`, "aria-current": here ? "true" : null,
      "data-conversation": one.conversation, on: { click: () => open(one.conversation, one) } },
      h("span", { class: "item-top" },
        h("strong", { text: called(one, words) }),
        h("span", { class: "when", text: this.#when(name, one, now) })),
      h("span", { class: "item-text" }, unread ? h("span", { class: "dot" }, h("span", { class: "sr", text: words.unread })) : null,
        h("span", { class: "item-last", lang: one.language, text: one.last_text || "…" })),
      h("span", { class: "item-marks" }, mood(one.emotion, words),
        h("span", { class: "tag", text: words.languages[one.language] ?? one.language }),
        name === "waiting" && one.position ? h("span", { class: "tag", text: words.place(one.position) }) : null,
        name === "others" ? h("span", { class: "tag", text: one.agent.name }) : null));
  }

  #when(name, one, now) {
    const { words, locale } = this.#context;
    if (name === "waiting") return words.waits(span(now - (one.waits_from ?? Date.parse(one.last_at ?? "")), locale));
    if (!one.last_at) return "";
    const past = now - Date.parse(one.last_at);
    return past < 60_000 ? words.now : words.ago(span(past, locale));
  }

  #approvals(approvals, decided) {
    const { words } = this.#context;
    return h("section", { class: "approvals", "aria-labelledby": "list-approvals" },
      h("h2", { id: "list-approvals" }, words.approvals, approvals.length ? h("span", { class: "count", text: String(approvals.length) }) : null),
      decided ? h("p", { class: "none decided", text: decided }) : null,
      approvals.length ? h("ul", null, ...approvals.map((one) => this.#approval(one))) : null,
      approvals.length || decided ? null : h("p", { class: "none", text: words.noApprovals }));
  }

  #approval(one) {
    const { words, locale, language, decide, open } = this.#context;
    const what = deedWords(one.tool, language);
    const amount = moneyText(one.amount, locale);
    const button = (text, look, agree) => h("button", { type: "button", class: `button ${look}small`, text,
      "aria-label": `${text}: ${what} ${amount}, ${one.id}`, on: { click: () => decide(one, agree) } });
    return h("li", { class: "approval" },
      h("span", { class: "item-top" }, h("strong", { text: what }), h("span", { class: "sum", text: amount })),
      h("span", { class: "item-last", text: factWords(one.arguments, language) }),
      h("span", { class: "item-marks" }, h("span", { class: "tag", text: whyWords(one.why, language) }),
        h("button", { type: "button", class: "link", text: one.name || words.customer, on: { click: () => open(one.conversation) } })),
      h("span", { class: "decide" }, button(words.approve, "", true), button(words.deny, "quiet ", false)));
  }
}
