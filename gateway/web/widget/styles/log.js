/** The conversation: bubbles, stickers, what may be tapped, what is being written. */

export const LOG = `
.log-frame { position: relative; flex: 1; min-block-size: 0; display: flex; }
.log {
  flex: 1; overflow-y: auto; overscroll-behavior: contain; overflow-anchor: none; padding: 16px 16px 20px; scrollbar-width: thin;
  scrollbar-color: var(--line) transparent; outline-offset: -3px; border-radius: 4px;
}
.rows { display: flex; flex-direction: column; }
.welcome { display: flex; flex-direction: column; align-items: flex-start; gap: 14px; padding: 20px 4px 8px; }
.welcome-mark {
  display: grid; place-items: center; inline-size: 60px; block-size: 60px; border-radius: 20px; rotate: -6deg;
  background: var(--tint); color: var(--accent);
}
.welcome-mark .icon { inline-size: 36px; block-size: 36px; }
:host([theme="dark"]) .welcome-mark { color: #ffb59f; }
@media (prefers-color-scheme: dark) { :host(:not([theme="light"])) .welcome-mark { color: #ffb59f; } }
.greeting { font-size: 19px; font-weight: 600; line-height: 1.4; letter-spacing: -.01em; text-wrap: pretty; }
.day, .gap { display: flex; justify-content: center; margin-block: 4px 12px; color: var(--soft); font-size: 12px; }
.day { font-weight: 600; }
.day:not(:first-child) { margin-block-start: 20px; }
.notice { display: flex; justify-content: center; margin-block: 12px 4px; }
.notice span {
  max-inline-size: 88%; padding: 6px 14px; border-radius: 14px; background: var(--hover); color: var(--ink);
  font-size: 13px; text-align: center; text-wrap: balance;
}
.row { display: grid; grid-template-columns: 32px minmax(0, 1fr); gap: 8px; margin-block-start: 3px; }
.row.first { margin-block-start: 14px; }
.day + .row.first, .row.first:first-child { margin-block-start: 0; }
.row > .avatar { visibility: hidden; align-self: start; margin-block-start: 3px; }
.row.theirs.first > .avatar, .row.typing > .avatar { visibility: visible; }
.row.mine { grid-template-columns: minmax(0, 1fr); }
.row.mine > .avatar { display: none; }
.row.typing { margin-block-start: 14px; }
.stack { display: flex; flex-direction: column; align-items: flex-start; gap: 6px; min-inline-size: 0; }
.mine .stack { align-items: flex-end; }
.speaker { padding-inline: 4px; color: var(--soft); font-size: 12px; font-weight: 600; }
.bubble {
  max-inline-size: min(100%, 304px); padding: 10px 14px; border-radius: 18px;
  border: 1px solid var(--bubble-line); background: var(--bubble); overflow-wrap: anywhere;
}
.theirs.first .bubble { border-start-start-radius: 6px; }
.mine .bubble { max-inline-size: 84%; border-color: transparent; background: var(--accent); color: var(--accent-ink); }
.mine.last .bubble { border-end-end-radius: 6px; }
.mine.queued .bubble, .mine.failed .bubble { opacity: .82; }
.text > * + * { margin-block-start: .55em; }
.text ul, .text ol { padding-inline-start: 1.25em; }
.text li + li { margin-block-start: .25em; }
.text li::marker { color: var(--soft); }
.text strong { font-weight: 650; }
.text code { padding: 1px 5px; border-radius: 5px; background: var(--hover); font: .92em ui-monospace, monospace; }
.mine .text li::marker { color: inherit; }
.mine .text code { background: rgb(255 255 255 / .2); }
.text a { color: inherit; text-decoration: underline; text-underline-offset: 3px; font-weight: 550; }
.caret {
  display: inline-block; inline-size: 2px; block-size: 1.05em; margin-inline-start: 2px; vertical-align: -.16em;
  border-radius: 1px; background: var(--accent); animation: blink 1s steps(2, jump-none) infinite;
}
@keyframes blink { 50% { opacity: 0; } }
.dots { display: flex; align-items: center; gap: 5px; block-size: 40px; padding-inline: 16px; }
.dots i { inline-size: 7px; block-size: 7px; border-radius: 50%; background: var(--soft); animation: hop 1.2s infinite; }
.dots i:nth-of-type(2) { animation-delay: .15s; }
.dots i:nth-of-type(3) { animation-delay: .3s; }
@keyframes hop { 0%, 60%, 100% { transform: none; opacity: .5; } 30% { transform: translateY(-4px); opacity: 1; } }
.big-sticker { inline-size: 132px; block-size: 132px; margin-block: 2px; filter: drop-shadow(0 4px 8px rgb(60 30 15 / .14)); }
.big-sticker img { inline-size: 100%; block-size: 100%; object-fit: contain; }
.picture {
  display: block; padding: 0; border: 1px solid var(--bubble-line); border-radius: 18px; overflow: hidden;
  background: var(--hover); cursor: zoom-in; min-inline-size: 44px; min-block-size: 44px;
}
div.picture { inline-size: 132px; block-size: 132px; cursor: default; }
.picture img { display: block; max-inline-size: 100%; margin: auto; object-fit: contain; }
.mine.queued .picture, .mine.sending .picture, .mine.failed .picture { opacity: .7; }
.viewer {
  border: 0; padding: 0; margin: auto; background: none; max-inline-size: 96vw; max-block-size: 96vh; overflow: visible;
}
.viewer::backdrop { background: rgb(10 6 4 / .82); }
.viewer img { display: block; max-inline-size: 94vw; max-block-size: 92vh; inline-size: auto; block-size: auto; border-radius: 10px; }
.viewer .icon-button {
  position: fixed; inset-block-start: 16px; inset-inline-end: 16px; background: rgb(20 14 12 / .72); color: #fff;
}
.ghost { display: grid; place-items: center; block-size: 100%; border-radius: 20px; background: var(--hover); color: var(--soft); }
.ghost .icon { inline-size: 40px; block-size: 40px; }
.enter { animation: enter .28s cubic-bezier(.2, .8, .3, 1.05); }
.enter .big-sticker { animation: pop .42s .06s cubic-bezier(.3, 1.7, .5, 1) backwards; }
@keyframes enter { from { opacity: 0; transform: translateY(8px); } }
@keyframes pop { from { opacity: 0; transform: scale(.5) rotate(-12deg); } }
.citations { display: flex; flex-wrap: wrap; gap: 6px; padding: 0; list-style: none; max-inline-size: 304px; }
.citations li {
  display: inline-flex; align-items: center; gap: 4px; padding-block: 2px; padding-inline: 6px 9px; border-radius: 9px;
  background: var(--hover); color: var(--ink); font-size: 12px; line-height: 1.6;
}
.citations .icon { inline-size: 14px; block-size: 14px; color: var(--soft); }
.meta {
  display: flex; align-items: center; gap: 5px; padding-inline: 4px; color: var(--soft);
  font-size: 12px; line-height: 1.4; font-variant-numeric: tabular-nums;
}
.meta .icon { inline-size: 14px; block-size: 14px; }
.state { display: inline-flex; align-items: center; gap: 4px; }
.failure { flex-wrap: wrap; justify-content: flex-end; gap: 0 10px; color: var(--danger); font-size: 13px; }
.offers { align-self: stretch; display: flex; flex-direction: column; align-items: flex-start; gap: 8px; padding-block-start: 6px; }
.reply-stickers { display: flex; gap: 2px; }
.reply-stickers .sticker { inline-size: 60px; block-size: 60px; padding: 4px; }
.pill {
  position: absolute; inset-block-end: 12px; inset-inline: 0; inline-size: fit-content; margin-inline: auto;
  display: flex; align-items: center; gap: 4px; min-block-size: 44px; padding: 0 12px 0 18px;
  border: 1px solid var(--line); border-radius: 22px; background: var(--paper); color: var(--ink);
  font-size: 14px; font-weight: 600; box-shadow: 0 6px 20px rgb(60 30 15 / .18);
}
`;
