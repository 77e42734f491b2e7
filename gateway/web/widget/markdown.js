/**
 * The little Markdown that answers use: paragraphs, lists, bold, code, links. Everything else stays as written.
 *
 * The parser makes a tree and the painter makes DOM nodes, so nothing that is written can become markup or script.
 *
 * @typedef {{kind: "text"|"bold"|"code", text: string} | {kind: "link", text: string, href: string}} Span
 * @typedef {{kind: "paragraph", lines: Span[][]} | {kind: "list", ordered: boolean, start: number, items: Span[][]}} Block
 */

import { h } from "./dom.js";

const BULLET = /^\s{0,3}(?:[-*•])\s+(.*)$/;
const NUMBER = /^\s{0,3}(\d{1,3})[.)、]\s*(.+)$/;
const INLINE =
  /\*\*(?<bold>[^*\n]+)\*\*|`(?<code>[^`\n]+)`|\[(?<label>[^\]\n]+)\]\((?<target>[^)\s]+)\)|(?<bare>https?:\/\/[^\s<>"'（）。，；！？、]+)/gu;
const SAFE = new Set(["http:", "https:", "mailto:", "tel:"]);

/**
 * An address that may be followed, or null.
 * @param {string} target
 */
export function safeHref(target) {
  try {
    const url = new URL(target);
    return SAFE.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} line
 * @returns {Span[]}
 */
export function parseInline(line) {
  /** @type {Span[]} */
  const spans = [];
  let end = 0;
  for (const found of line.matchAll(INLINE)) {
    if (found.index > end) spans.push({ kind: "text", text: line.slice(end, found.index) });
    spans.push(inlineSpan(found));
    end = found.index + found[0].length;
  }
  if (end < line.length) spans.push({ kind: "text", text: line.slice(end) });
  return spans;
}

function inlineSpan(found) {
  const { bold, code, label, target, bare } = found.groups;
  if (bold) return { kind: "bold", text: bold };
  if (code) return { kind: "code", text: code };
  const href = safeHref(target ?? bare);
  return href ? { kind: "link", text: label ?? bare, href } : { kind: "text", text: found[0] };
}

/**
 * @param {string} text
 * @returns {Block[]}
 */
export function parse(text) {
  /** @type {Block[]} */
  const blocks = [];
  let open = null;
  for (const line of text.replace(/\r\n?/g, "\n").split("\n")) {
    if (!line.trim()) {
      open = null;
      continue;
    }
    const bullet = BULLET.exec(line);
    const number = bullet ? null : NUMBER.exec(line);
    open = bullet || number ? listItem(blocks, open, bullet, number) : paragraphLine(blocks, open, line);
  }
  return blocks;
}

function listItem(blocks, open, bullet, number) {
  const ordered = number !== null;
  if (open?.kind !== "list" || open.ordered !== ordered) {
    open = { kind: "list", ordered, start: ordered ? Number(number[1]) : 1, items: [] };
    blocks.push(open);
  }
  open.items.push(parseInline(ordered ? number[2] : bullet[1]));
  return open;
}

function paragraphLine(blocks, open, line) {
  if (open?.kind !== "paragraph") {
    open = { kind: "paragraph", lines: [] };
    blocks.push(open);
  }
  open.lines.push(parseInline(line));
  return open;
}

const paintSpan = (span) => {
  if (span.kind === "bold") return h("strong", { text: span.text });
  if (span.kind === "code") return h("code", { text: span.text });
  if (span.kind === "link") {
    return h("a", { href: span.href, target: "_blank", rel: "noopener noreferrer nofollow", text: span.text });
  }
  return document.createTextNode(span.text);
};

function paintBlock(block) {
  if (block.kind === "list") {
    const items = block.items.map((spans) => h("li", null, ...spans.map(paintSpan)));
    return h(block.ordered ? "ol" : "ul", { start: block.ordered && block.start !== 1 ? block.start : null }, ...items);
  }
  const lines = block.lines.flatMap((spans, row) => [row ? h("br") : null, ...spans.map(paintSpan)]);
  return h("p", null, ...lines);
}

/**
 * @param {string} text
 * @returns {HTMLElement[]}
 */
export function paint(text) {
  return parse(text).map(paintBlock);
}
