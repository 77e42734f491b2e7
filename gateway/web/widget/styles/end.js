/** Forms for slots, the rating at the end, announcements and what became of messages. */

export const END = `
.slot-form {
  display: grid; gap: 10px; inline-size: min(100%, 304px); padding: 12px 14px 14px; border: 1px solid var(--bubble-line);
  border-radius: 16px; background: var(--bubble); font-size: 14px;
}
.form-title { display: flex; align-items: center; gap: 7px; font-weight: 650; }
.form-title .icon { inline-size: 17px; block-size: 17px; color: var(--mark); }
.form-filled { display: grid; gap: 5px; margin: 0; padding: 9px 11px; border-radius: 11px; background: var(--hover); }
.form-filled div { display: flex; justify-content: space-between; gap: 14px; }
.form-filled dt { color: var(--soft); flex: none; max-inline-size: 45%; }
.form-filled dd { margin: 0; text-align: end; font-weight: 550; overflow-wrap: anywhere; }
.slot-field { display: flex; flex-wrap: wrap; gap: 8px; }
.slot-field label { flex-basis: 100%; color: var(--soft); font-size: 13px; }
.slot-input, .rating textarea {
  flex: 1; min-inline-size: 0; min-block-size: 44px; padding: 8px 12px; border: 1px solid var(--field); border-radius: 12px;
  background: var(--paper); color: var(--ink); font-size: 16px;
}
.chip.primary { border-color: transparent; background: var(--accent); color: var(--accent-ink); font-weight: 600; }
.chip.primary:hover { background: color-mix(in srgb, var(--accent) 86%, #000); }
.chip:disabled { opacity: .6; cursor: default; }
.rating {
  position: relative; margin-block-start: 18px; padding: 14px 16px 10px; border: 1px solid var(--bubble-line);
  border-radius: 18px; background: var(--paper); text-align: center; animation: enter .28s ease-out;
}
.rating .small { position: absolute; inset-block-start: 4px; inset-inline-end: 4px; }
.faces { display: flex; justify-content: center; gap: 4px; margin: 0; padding: 0; border: 0; }
.faces legend { inline-size: 100%; padding: 0 36px 8px; font-weight: 600; text-align: center; }
.face { position: relative; display: grid; place-items: center; inline-size: 48px; block-size: 48px; border-radius: 16px; color: var(--soft); cursor: pointer; }
.face input { position: absolute; inset: 0; opacity: 0; margin: 0; inline-size: 100%; block-size: 100%; cursor: pointer; }
.face .icon { inline-size: 32px; block-size: 32px; transition: transform .18s cubic-bezier(.3, 1.6, .6, 1); }
.face:hover { background: var(--hover); color: var(--ink); }
.face:has(:checked) { background: var(--tint); color: var(--mark); }
.face:has(:checked) .icon { transform: scale(1.14); }
.face:has(:focus-visible) { outline: 2px solid var(--mark); outline-offset: 1px; }
.rating-more { display: grid; gap: 10px; margin-block: 10px 6px; justify-items: center; }
.rating textarea { inline-size: 100%; resize: none; text-align: start; }
.rating-said:not(:empty) { padding-block: 8px 6px; color: var(--soft); font-size: 14px; }
.announcement {
  display: flex; gap: 10px; margin-block: 14px 6px; padding: 12px 14px; border-radius: 16px; background: var(--tint);
  font-size: 14px; overflow-wrap: anywhere;
}
.announcement > .icon { color: var(--mark); }
.announcement strong { display: block; font-size: 12px; font-weight: 650; color: var(--mark-ink); }
.bubble.retracted, .mine .bubble.retracted { border: 1px dashed var(--line); background: transparent; color: var(--soft); font-style: italic; }
.state.read .icon { color: var(--mark); }
.edited { font-style: italic; }
.chip-picture {
  position: relative; display: grid; place-items: center; flex: none; inline-size: 56px; block-size: 56px; border-radius: 10px;
  background: var(--paper); color: var(--soft);
}
.chip-picture img:not([hidden]) + .icon { display: none; }
.ring {
  position: absolute; inset: 0; display: grid; place-items: center; border-radius: 10px; background: rgb(20 12 8 / .42);
}
.ring::after {
  content: ""; inline-size: 34px; block-size: 34px; border-radius: 50%;
  background: conic-gradient(#fff calc(var(--share, 0) * 1turn), rgb(255 255 255 / .3) 0);
  mask: radial-gradient(closest-side, transparent 74%, #000 76%);
}
.grid-head { grid-column: 1 / -1; padding: 6px 4px 2px; color: var(--soft); font-size: 12px; font-weight: 600; }
.big-sticker canvas, .sticker canvas { display: block; inline-size: 100%; block-size: 100%; object-fit: contain; }
@media (forced-colors: active) {
  .card, .slot-form, .rating, .track i::after { border: 1px solid; }
}
`;
