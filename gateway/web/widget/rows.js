/**
 * Draws one row of the conversation.
 *
 * @typedef {object} RowContext
 * @property {Record<string, any>} strings
 * @property {string} locale
 * @property {"en"|"zh"} language
 * @property {(path: string) => string} asset Makes a sticker's address absolute.
 * @property {(id: string) => void} retry
 * @property {(id: string) => void} discard
 * @property {(text: string) => void} reply
 * @property {(sticker: any, position: number) => void} sendSticker
 * @property {() => void} earlier Asks for what was said before.
 * @property {(picture: {url: string, name: string, width: number, height: number}) => void} view
 * @property {(data: any) => boolean} [mine] Whether the reader's side said it; the customer's, unless told otherwise.
 * @property {(data: any) => Node|null} [beside] What stands beside a message, such as a mood.
 */

import { drawCard } from "./cards.js";
import { h } from "./dom.js";
import { drawForm } from "./forms.js";
import { clock, dayName } from "./format.js";
import { icon } from "./icons.js";
import { paint } from "./markdown.js";
import { poster } from "./poster.js";

/** The name of a sticker in the reader's language. */
export function stickerName(sticker, language) {
  return sticker.alt?.[language] || sticker.alt?.en || sticker.alt?.zh || sticker.emoji || sticker.id;
}

/**
 * @param {any} sticker
 * @param {RowContext} context
 * @param {{lazy?: boolean, decorative?: boolean}} [options]
 */
function stickerImage(sticker, context, { lazy = false, decorative = false } = {}) {
  return poster(h("img", {
    src: context.asset(sticker.url),
    alt: decorative ? "" : stickerName(sticker, context.language),
    width: sticker.width,
    height: sticker.height,
    loading: lazy ? "lazy" : null,
    decoding: "async",
    draggable: "false",
  }));
}

/**
 * @param {import("./transcript.js").Row} row
 * @param {RowContext} context
 * @returns {HTMLElement}
 */
export function drawRow(row, context) {
  return PAINTERS[row.kind](row, context);
}

const PAINTERS = {
  day: ({ data }, { locale }) => h("div", { class: "day" }, h("span", { text: dayName(data.time, Date.now(), locale) })),
  gap: drawGap,
  notice: drawNotice,
  typing: ({ data }, context) => bubbleRow("theirs typing", h("div", { class: "bubble dots" }, ...typingDots(data, context))),
  draft: drawDraft,
  message: drawMessage,
};

/** What is missing, with a way to it where there is one. */
function drawGap({ data }, { strings, earlier }) {
  if (data.reason !== "replay_limit") return h("div", { class: "gap", text: strings.gap });
  return h("div", { class: "gap" }, h("button", { type: "button", class: "link", text: strings.earlier, on: { click: earlier } }));
}

function drawNotice({ data }, { strings }) {
  const text = data.retracted ? strings.takenBack : data.text ?? data.notice.text;
  if (data.notice?.kind !== "announcement") return h("div", { class: "notice" }, h("span", { text }));
  return h("section", { class: "announcement", "aria-label": strings.announcement }, icon("megaphone"),
    h("div", null, h("strong", { text: strings.announcement }), ...paint(text)));
}

function typingDots(data, { strings }) {
  const label = data.author === "agent" ? strings.agentTyping : strings.thinking;
  return [h("span", { class: "sr", text: label }), h("i"), h("i"), h("i")];
}

function bubbleRow(className, ...children) {
  return h("div", { class: `row ${className}` }, avatar(), h("div", { class: "stack" }, ...children));
}

const avatar = () => h("div", { class: "avatar" }, icon("sticker"));

function drawDraft(row) {
  const body = h("div", { class: "bubble text writing" });
  updateDraft(body, row);
  return bubbleRow("theirs first", body);
}

/**
 * Adds to an answer that is being written without drawing the row anew.
 * @param {HTMLElement} body
 * @param {import("./transcript.js").Row} row
 */
export function updateDraft(body, row) {
  const blocks = paint(row.data.text);
  const caret = h("span", { class: "caret" });
  const tail = blocks.at(-1);
  (tail?.matches("ul, ol") ? tail.lastElementChild : tail)?.append(caret);
  body.replaceChildren(...(blocks.length ? blocks : [caret]));
}

function drawMessage(row, context) {
  const { data } = row;
  const mine = context.mine?.(data) ?? data.author === "customer";
  const side = `${mine ? "mine" : "theirs"}${row.first ? " first" : ""}${row.last ? " last" : ""} ${data.status ?? ""}`;
  const answer = !mine && data.stickers?.length
    ? h("div", { class: "big-sticker" }, stickerImage(data.stickers[0], context))
    : null;
  return bubbleRow(
    side.trim(),
    data.agent && row.first
      ? h("span", { class: "speaker", text: data.agent })
      : h("span", { class: "sr", text: `${speaker(data, context.strings)}: ` }),
    content(data, context),
    context.beside?.(data) ?? null,
    ...(data.cards ?? []).map((card) => drawCard(card, context)),
    citations(data, context),
    answer,
    row.last || data.status || data.edited ? footer(data, context) : null,
    row.fresh && !mine ? offers(data, context) : null,
  );
}

function content(data, context) {
  if (data.retracted) return h("div", { class: "bubble retracted", text: context.strings.takenBack });
  if (data.text) return h("div", { class: "bubble text" }, ...paint(data.text));
  if (data.image) return picture(data.image, context);
  return data.sticker ? h("div", { class: "big-sticker" }, pendingSticker(data.sticker, context)) : null;
}

const speaker = ({ author, agent }, strings) => agent || (author === "customer" ? strings.you : strings[author] ?? "");

/** A sticker on its way is known by its id only, until its entry tells the rest; the page remembers what was tapped. */
function pendingSticker(sticker, context) {
  return typeof sticker === "string" ? h("span", { class: "ghost" }, icon("sticker")) : stickerImage(sticker, context);
}

const THUMB_PX = 220;

/** A picture on its way after a reload is known by its id only. Its words or caption are its name, where known. */
function picture(image, context) {
  const { strings, asset, language } = context;
  if (typeof image === "string") return h("div", { class: "picture" }, h("span", { class: "ghost" }, icon("picture")));
  const name = image.caption?.[language] || image.text || strings.picture;
  const scale = Math.min(1, THUMB_PX / Math.max(image.width, image.height));
  const size = { width: Math.max(1, Math.round(image.width * scale)), height: Math.max(1, Math.round(image.height * scale)) };
  const view = () => context.view({ url: asset(image.url), name, width: image.width, height: image.height });
  return h("button", { type: "button", class: "picture", "aria-label": strings.openPicture(name), on: { click: view } },
    h("picture", null,
      h("source", { type: "image/webp", srcset: asset(image.thumb_url) }),
      h("img", { src: asset(`${image.thumb_url}&as=plain`), alt: name, ...size, decoding: "async", draggable: "false" })));
}

function citations(data, { strings }) {
  if (!data.citations?.length) return null;
  const chips = data.citations.map((citation) => h("li", null, icon("article"), h("span", { text: citation.title })));
  return h("ul", { class: "citations", "aria-label": strings.sources }, ...chips);
}

function footer(data, context) {
  if (data.status === "failed") return failure(data, context);
  const { strings, locale } = context;
  const state = context.mine?.(data) ?? data.author === "customer" ? stateMark(data, strings) : null;
  const edited = data.edited ? h("span", { class: "edited", text: strings.edited }) : null;
  return h("div", { class: "meta" }, h("time", { text: clock(data.time, locale) }), edited, state);
}

/** One tick for what the shop has, two for what reached somebody, coloured ones for what was read; words for who hears. */
function stateMark({ status, mark }, strings) {
  if (!status || status === "sent") {
    const far = mark ?? "sent";
    return h("span", { class: `state ${far}`, title: strings[far] }, icon(far === "sent" ? "check" : "checks"), srOnly(strings[far]));
  }
  const label = status === "queued" ? strings.waiting : strings.sending;
  return h("span", { class: "state" }, icon("clock"), status === "queued" ? h("span", { text: label }) : srOnly(label));
}

const srOnly = (text) => h("span", { class: "sr", text });

function failure(data, { strings, retry, discard }) {
  const id = data.client_msg_id;
  return h(
    "div",
    { class: "meta failure" },
    h("span", { text: data.detail || strings.notSent }),
    h("button", { type: "button", class: "link", on: { click: () => retry(id) } }, icon("retry"), strings.retry),
    h("button", { type: "button", class: "link", text: strings.discard, on: { click: () => discard(id) } }),
  );
}

/** What the customer may tap instead of writing, under the last answer only. */
function offers(data, context) {
  const form = data.form ? drawForm(data.form, context) : null;
  const asked = new Set((data.form?.choices ?? []).flatMap(({ value, label }) => [value, label]));
  const replies = [...new Set(data.quick_replies)].filter((text) => !form || !asked.has(text)).map((text) =>
    h("button", { type: "button", class: "chip", text, on: { click: () => context.reply(text) } }),
  );
  const stickers = (data.stickers ?? []).slice(1).map((sticker, place) => stickerButton(sticker, place + 1, context));
  if (!form && !replies.length && !stickers.length) return null;
  const { strings } = context;
  return h(
    "div",
    { class: "offers" },
    form,
    replies.length ? h("div", { class: "chips", role: "group", "aria-label": strings.quickReplies }, ...replies) : null,
    stickers.length ? h("div", { class: "reply-stickers", role: "group", "aria-label": strings.replySticker }, ...stickers) : null,
  );
}

/**
 * @param {any} sticker
 * @param {number} place
 * @param {RowContext} context
 */
export function stickerButton(sticker, place, context) {
  const name = context.strings.sendSticker(stickerName(sticker, context.language));
  const on = { click: () => context.sendSticker(sticker, place) };
  return h("button", { type: "button", class: "sticker", "aria-label": name, title: stickerName(sticker, context.language), on },
    stickerImage(sticker, context, { lazy: true, decorative: true }));
}
