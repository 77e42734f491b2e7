/** The desk's look: the widget's theme and rows, laid out for a screen of its own. */

import { CARDS } from "../widget/styles/cards.js";
import { COMPOSER } from "../widget/styles/composer.js";
import { FRAME } from "../widget/styles/frame.js";
import { LOG } from "../widget/styles/log.js";
import { THEME } from "../widget/styles/theme.js";

const DESK = `
:host { position: fixed; inset: 0; z-index: auto; display: block; background: var(--ground); }
h1, h2, p { margin: 0; }
.desk { display: flex; flex-direction: column; block-size: 100dvh; }
.bar {
  display: flex; align-items: center; gap: 12px; flex: none; padding: 6px 16px; background: var(--paper);
  border-block-end: 1px solid var(--line);
}
.bar .link { min-block-size: 44px; min-inline-size: 44px; justify-content: center; font-size: 14px; }
.brand { font-size: 17px; font-weight: 700; letter-spacing: -.01em; }
.me { flex: 1; display: flex; align-items: center; justify-content: flex-end; gap: 8px; color: var(--soft); font-size: 14px; }
.me .badge { position: static; border: 0; line-height: 24px; }
.offline { flex: none; padding: 6px 16px; background: var(--tint); font-size: 13px; text-align: center; }
.sides { flex: 1; min-block-size: 0; display: grid; grid-template-columns: minmax(250px, 340px) minmax(0, 1fr); }
.lists { overflow-y: auto; padding: 4px 10px 24px; border-inline-end: 1px solid var(--line); background: var(--paper); scrollbar-width: thin; }
.lists h2 {
  position: sticky; inset-block-start: -4px; z-index: 1; display: flex; align-items: center; gap: 8px; padding: 14px 8px 6px;
  background: var(--paper); font-size: 13px; font-weight: 650; color: var(--soft);
}
.lists ul { display: grid; gap: 2px; padding: 0; margin: 0; list-style: none; }
.count { min-inline-size: 20px; padding-inline: 6px; border-radius: 10px; background: var(--hover); color: var(--ink); font-size: 12px; line-height: 20px; text-align: center; }
.waiting .count { background: var(--accent); color: var(--accent-ink); }
.none { padding: 2px 8px 6px; color: var(--soft); font-size: 13px; text-align: start; }
.item {
  display: grid; gap: 3px; inline-size: 100%; min-block-size: 64px; padding: 9px 10px; border: 0; border-radius: 14px;
  background: transparent; text-align: start; transition: background-color .12s;
}
.item:hover { background: var(--hover); }
.item.here { background: var(--tint); }
.item-top { display: flex; align-items: baseline; gap: 8px; }
.item-top strong { flex: 1; min-inline-size: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 650; }
.when, .sum { flex: none; color: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
.sum { color: var(--ink); font-weight: 650; }
.item.here .when { color: var(--ink); }
.item-text { display: flex; align-items: center; gap: 6px; min-inline-size: 0; }
.item-last { flex: 1; min-inline-size: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-size: 13.5px; }
.dot { flex: none; inline-size: 9px; block-size: 9px; border-radius: 50%; background: var(--accent); }
.item-marks { display: flex; flex-wrap: wrap; align-items: center; gap: 6px; }
.tag { padding-inline: 7px; border-radius: 8px; background: var(--hover); color: var(--ink); font-size: 11.5px; line-height: 19px; }
.item:hover .tag, .item.here .tag { background: color-mix(in srgb, var(--paper) 70%, var(--hover)); }
.mood { display: inline-flex; align-items: center; gap: 4px; font-size: 12px; font-weight: 600; line-height: 19px; }
.mood .icon { inline-size: 16px; block-size: 16px; }
.mood.hard { color: var(--danger); }
.mood.fine { color: var(--good); }
.approval { display: grid; gap: 4px; padding: 9px 10px; }
.approval .item-last { white-space: normal; overflow-wrap: anywhere; color: var(--soft); font-size: 12.5px; }
.approval .item-top strong::first-letter { text-transform: uppercase; }
.decide { display: flex; gap: 8px; padding-block-start: 2px; }
.button {
  min-block-size: 44px; padding: 8px 18px; border: 1px solid var(--accent); border-radius: 14px; background: var(--accent);
  color: var(--accent-ink); font-weight: 600; white-space: nowrap;
}
.button:hover { background: color-mix(in srgb, var(--accent) 86%, #000); }
.button:disabled { opacity: .6; }
.button.quiet { border-color: var(--field); background: var(--paper); color: var(--ink); }
.button.quiet:hover { background: var(--hover); }
.button.bad { border-color: #b3261e; background: #b3261e; color: #fff; }
.button.small { min-block-size: 44px; padding: 4px 14px; font-size: 14px; }
.pane { min-inline-size: 0; min-block-size: 0; display: flex; flex-direction: column; }
.pane-body { flex: 1; min-block-size: 0; display: flex; flex-direction: column; position: relative; }
.pane-head {
  display: flex; align-items: center; flex-wrap: wrap; gap: 8px 14px; flex: none; padding: 10px 18px; background: var(--paper);
  border-block-end: 1px solid var(--line);
}
.pane-head .heading { flex: 1 1 240px; }
.pane-head h1 { display: flex; align-items: center; flex-wrap: wrap; gap: 2px 12px; font-size: 17px; font-weight: 650; line-height: 1.3; }
.facts { color: var(--soft); font-size: 13px; }
.reason {
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; max-inline-size: 76ch;
  font-size: 13px; overflow-wrap: anywhere;
}
.acts { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; }
.sure { font-size: 14px; font-weight: 600; }
.back { display: none; rotate: 90deg; }
.fault { flex: none; padding: 8px 18px; background: color-mix(in srgb, var(--danger) 12%, var(--paper)); color: var(--danger); font-size: 14px; }
.log { padding-inline: max(18px, calc((100% - 860px) / 2)); }
.log .bubble, .log .card { max-inline-size: min(100%, 520px); }
.mine .bubble { max-inline-size: min(84%, 560px); }
.notice span { max-inline-size: min(88%, 620px); }
.row { grid-template-columns: minmax(0, 1fr); }
.row > .avatar, .row.theirs.first > .avatar, .row.typing > .avatar { display: none; }
.speaker { padding-inline: 4px; }
.welcome { display: none; }
.foot .composer { padding-inline: max(10px, calc((100% - 860px) / 2)); }
.foot .picture-chip { margin-inline: max(12px, calc((100% - 860px) / 2)); }
.hint, .changing {
  display: flex; flex-wrap: wrap; align-items: center; gap: 6px 12px; padding: 8px max(18px, calc((100% - 860px) / 2));
  background: var(--tint); font-size: 13px;
}
.hint-intent { font-weight: 600; }
.hint-text { flex: 1 1 260px; max-block-size: 66px; overflow-y: auto; }
.change { min-block-size: 28px; padding: 0; color: var(--soft); font-size: 12px; font-weight: 500; }
.change:hover { color: var(--ink); }
.empty { margin: auto; padding: 24px; display: grid; justify-items: center; gap: 10px; text-align: center; color: var(--soft); max-inline-size: 46ch; }
.empty h2 { color: var(--ink); font-size: 18px; }
.empty-mark { display: grid; place-items: center; inline-size: 60px; block-size: 60px; border-radius: 20px; rotate: -6deg; background: var(--tint); color: var(--mark); }
.empty-mark .icon { inline-size: 36px; block-size: 36px; }
.login {
  inline-size: min(420px, calc(100vw - 32px)); margin: 14dvh auto 0; padding: 28px; display: grid; gap: 12px; justify-items: start;
  border: 1px solid var(--line); border-radius: 20px; background: var(--paper); box-shadow: var(--shadow);
}
.login h1 { font-size: 20px; }
.login .note { color: var(--soft); font-size: 14px; line-height: 1.6; }
.login code {
  padding: 1px 5px; border-radius: 5px; background: var(--hover); color: var(--ink); font: .92em ui-monospace, monospace;
  box-decoration-break: clone; -webkit-box-decoration-break: clone;
}
.login label { font-weight: 600; font-size: 14px; }
.login input { inline-size: 100%; min-block-size: 44px; padding: 8px 12px; border: 1px solid var(--field); border-radius: 12px; background: var(--ground); }
.login .fault { inline-size: 100%; border-radius: 12px; padding-inline: 12px; }
@media (max-width: 860px) { .sides { grid-template-columns: 250px minmax(0, 1fr); } }
@media (max-width: 640px) {
  .sides { grid-template-columns: minmax(0, 1fr); }
  .desk.open .lists, .desk:not(.open) .pane { display: none; }
  .back { display: grid; }
  .reason { -webkit-line-clamp: 2; }
}
`;

let shared = /** @type {CSSStyleSheet|null} */ (null);

/** @returns {CSSStyleSheet} */
export function sheet() {
  if (shared === null) {
    shared = new CSSStyleSheet();
    shared.replaceSync([THEME, FRAME, LOG, COMPOSER, CARDS, DESK].join("\n"));
  }
  return shared;
}
