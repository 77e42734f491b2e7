/** The composer, the strip of suggestions and the tray. */

export const COMPOSER = `
.composer { display: flex; align-items: flex-end; flex-wrap: wrap; gap: 4px; padding: 8px; }
.composer textarea {
  flex: 1; min-inline-size: 0; min-block-size: 44px; max-block-size: 132px; resize: none; padding: 10px 8px;
  border: 0; border-radius: 12px; background: transparent; font-size: 16px; line-height: 1.45; outline: none;
}
.composer:focus-within { box-shadow: inset 0 2px 0 -1px color-mix(in srgb, var(--accent) 55%, transparent); }
.composer textarea::placeholder, .search input::placeholder { color: var(--soft); opacity: 1; white-space: nowrap; }
.send { background: var(--accent); color: var(--accent-ink); }
.send:hover { background: color-mix(in srgb, var(--accent) 86%, #000); color: var(--accent-ink); }
.send.idle { background: transparent; color: var(--soft); }
.over { flex-basis: 100%; padding-inline: 8px; color: var(--soft); font-size: 12px; text-align: end; }
.over.bad { color: var(--danger); font-weight: 600; }
.picture-chip { display: flex; align-items: center; gap: 10px; margin: 8px 12px; padding: 6px; border-radius: 14px; background: var(--hover); }
.picture-chip img { flex: none; inline-size: 56px; block-size: 56px; border-radius: 10px; object-fit: cover; }
.chip-body { flex: 1; min-inline-size: 0; }
.chip-picture[hidden] + .chip-body { padding-inline-start: 10px; }
.chip-text { font-size: 13px; color: var(--ink); }
.chip-text.bad { color: var(--danger); }
.drop-zone {
  position: absolute; inset: 8px; z-index: 3; display: grid; place-content: center; justify-items: center; gap: 10px;
  border: 2px dashed var(--accent); border-radius: 14px; background: color-mix(in srgb, var(--paper) 92%, transparent);
  color: var(--ink); font-weight: 600; pointer-events: none;
}
.drop-zone .icon { inline-size: 44px; block-size: 44px; color: var(--accent); }
.strip {
  display: flex; align-items: center; gap: 2px; padding: 6px 6px 0 8px;
  animation: enter .2s ease-out;
}
.strip-items {
  display: flex; flex: 1; gap: 2px; overflow-x: auto; scrollbar-width: none; padding: 4px 2px;
  mask-image: linear-gradient(to right, #000 calc(100% - 20px), transparent);
}
.strip-items .sticker { inline-size: 60px; block-size: 60px; padding: 5px; flex: none; }
.icon-button.small .icon { inline-size: 17px; block-size: 17px; }
.tray {
  display: flex; flex-direction: column; block-size: min(284px, 46dvh); border-block-start: 1px solid var(--line);
  animation: enter .2s ease-out;
}
.tray:focus { outline: none; }
.search { display: flex; align-items: center; gap: 8px; margin: 10px 12px 6px; padding-inline: 12px; border-radius: 14px; background: var(--hover); color: var(--soft); }
.search:focus-within { box-shadow: 0 0 0 2px var(--accent); }
.search .icon { inline-size: 18px; block-size: 18px; }
.search input {
  flex: 1; min-inline-size: 0; block-size: 44px; padding: 0; border: 0; background: none; outline: none;
  color: var(--ink); font-size: 16px; -webkit-appearance: none; appearance: none;
}
.strip-items:dir(rtl) { mask-image: linear-gradient(to left, #000 calc(100% - 20px), transparent); }
.search input::-webkit-search-cancel-button { -webkit-appearance: none; appearance: none; }
.grid {
  flex: 1; display: grid; grid-template-columns: repeat(auto-fill, minmax(66px, 1fr)); align-content: start; gap: 2px;
  overflow-y: auto; overscroll-behavior: contain; padding: 4px 10px 10px; scrollbar-width: thin;
  scrollbar-color: var(--line) transparent;
}
.grid .sticker { aspect-ratio: 1; padding: 6px; }
.none { grid-column: 1 / -1; padding: 32px 16px; color: var(--soft); text-align: center; }
`;
