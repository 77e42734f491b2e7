/** Colours, measures, and what every part shares. A page sets the --stickerdesk-* variables on `stickerdesk-chat`. */

const LIGHT = `
  --ink: #2a201c;
  --soft: #6d5f58;
  --paper: #ffffff;
  --ground: #fbf7f4;
  --bubble: #ffffff;
  --bubble-line: #eee4dd;
  --line: #ece3dc;
  --hover: #f4ece6;
  --tint: #fdeee6;
  --danger: #b3261e;
  --good: #1d7a4c;
  --mark: var(--stickerdesk-accent, #b8432b);
  --mark-ink: var(--ink);
  --field: #8f8078;
  --shadow: 0 24px 64px -12px rgb(60 30 15 / .28), 0 4px 16px rgb(60 30 15 / .08);
  color-scheme: light;
`;

const DARK = `
  --ink: #f4ece7;
  --soft: #b5a69d;
  --paper: #211a17;
  --ground: #181210;
  --bubble: #2b2320;
  --bubble-line: #3a302b;
  --line: #372d28;
  --hover: #332925;
  --tint: #3b2a23;
  --danger: #ffb4a9;
  --good: #7bd8a5;
  --mark: var(--stickerdesk-accent-dark, #ffb59f);
  --mark-ink: var(--ink);
  --field: #8d7d74;
  --shadow: 0 24px 64px -12px rgb(0 0 0 / .6), 0 4px 16px rgb(0 0 0 / .35);
  color-scheme: dark;
`;

export const THEME = `
:host {
  ${LIGHT}
  --accent: var(--stickerdesk-accent, #b8432b);
  --accent-ink: var(--stickerdesk-accent-ink, #ffffff);
  --font: var(--stickerdesk-font, Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC",
    "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif);
  --radius: var(--stickerdesk-radius, 20px);
  --edge: var(--stickerdesk-edge, 20px);
  all: initial;
  position: fixed;
  inset-block-end: 0;
  inset-inline-end: 0;
  z-index: var(--stickerdesk-layer, 2147483000);
  font: 15px/1.5 var(--font);
  color: var(--ink);
  -webkit-text-size-adjust: 100%;
}
:host([theme="dark"]) { ${DARK} }
@media (prefers-color-scheme: dark) { :host(:not([theme="light"])) { ${DARK} } }
:host([hidden]) { display: none; }
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
button, input, textarea { font: inherit; color: inherit; letter-spacing: inherit; margin: 0; }
button { cursor: pointer; -webkit-tap-highlight-color: transparent; }
p, h2, ul, ol, dl, fieldset { margin: 0; }
/* Words run as their language does, whichever way the page does. */
p, h2, li, dt, dd, legend, .notice span, .banner span, .chip { unicode-bidi: plaintext; }
img { display: block; max-inline-size: 100%; block-size: auto; }
.icon { inline-size: 22px; block-size: 22px; flex: none; }
.sr {
  position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
:host([theme="dark"]) :focus-visible { outline-color: #ffb59f; }
@media (prefers-color-scheme: dark) { :host(:not([theme="light"])) :focus-visible { outline-color: #ffb59f; } }
.icon-button {
  display: grid; place-items: center; flex: none;
  inline-size: 44px; block-size: 44px; padding: 0;
  border: 0; border-radius: 14px; background: transparent; color: var(--soft);
  transition: background-color .15s, color .15s, transform .15s;
}
.icon-button:hover { background: var(--hover); color: var(--ink); }
.icon-button:active { transform: scale(.94); }
.link {
  display: inline-flex; align-items: center; gap: 4px; min-block-size: 32px; padding: 0 4px;
  border: 0; background: none; font-weight: 600; text-decoration: underline; text-underline-offset: 3px;
}
.link .icon { inline-size: 15px; block-size: 15px; }
.chip {
  min-block-size: 44px; padding: 8px 16px; text-align: start;
  border: 1px solid color-mix(in srgb, var(--accent) 34%, var(--line)); border-radius: 22px;
  background: var(--paper); color: var(--ink); font-size: 14px; font-weight: 500; line-height: 1.35;
  transition: background-color .15s, border-color .15s;
}
.chip:hover { background: var(--tint); border-color: var(--accent); }
.chips { display: flex; flex-wrap: wrap; gap: 8px; }
.sticker {
  display: grid; place-items: center; padding: 6px; border: 0; border-radius: 14px; background: transparent;
  transition: background-color .12s, transform .18s cubic-bezier(.3, 1.6, .6, 1);
}
.sticker:hover, .sticker:focus-visible { background: var(--hover); transform: scale(1.1); }
.sticker:active { transform: scale(.92); }
@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { animation: none !important; transition: none !important; scroll-behavior: auto !important; }
  .sticker:hover, .sticker:focus-visible, .sticker:active { transform: none; }
}
@media (forced-colors: active) {
  .bubble, .chip, .launcher, .composer { border: 1px solid; }
}
`;
