/** The launcher, the panel, its header and banner, and how they fit a small screen. */

export const FRAME = `
.launcher {
  position: fixed; inset-block-end: var(--edge); inset-inline-end: var(--edge);
  display: grid; place-items: center; inline-size: 62px; block-size: 62px; padding: 0;
  border: 0; border-radius: 22px; background: var(--accent); color: var(--accent-ink);
  box-shadow: 0 10px 28px -6px color-mix(in srgb, var(--accent) 60%, transparent), 0 2px 6px rgb(0 0 0 / .14);
  transition: transform .22s cubic-bezier(.3, 1.5, .6, 1), border-radius .22s;
}
.launcher:hover { transform: translateY(-2px) rotate(-3deg); }
.launcher:focus-visible { outline-offset: 3px; }
.launcher .icon { grid-area: 1 / 1; inline-size: 32px; block-size: 32px; transition: opacity .18s, transform .22s; }
.launcher .open-icon { opacity: 0; transform: rotate(-60deg); }
:host([expanded]) .launcher .open-icon { opacity: 1; transform: none; }
:host([expanded]) .launcher .closed-icon { opacity: 0; transform: rotate(60deg); }
.badge {
  position: absolute; inset-block-start: -5px; inset-inline-end: -5px; min-inline-size: 24px; block-size: 24px;
  padding-inline: 6px; border-radius: 12px; border: 2px solid var(--paper); background: #b3261e; color: #fff;
  font-size: 12px; font-weight: 700; line-height: 20px; text-align: center;
}
.panel {
  position: fixed; inset-block-end: calc(var(--edge) + 76px); inset-inline-end: var(--edge);
  display: flex; flex-direction: column; overflow: hidden;
  inline-size: min(404px, calc(100vw - 2 * var(--edge)));
  block-size: min(720px, calc(100dvh - 2 * var(--edge) - 76px));
  border: 1px solid var(--line); border-radius: var(--radius); background: var(--ground); box-shadow: var(--shadow);
  animation: rise .26s cubic-bezier(.2, .9, .3, 1.08);
}
@keyframes rise { from { opacity: 0; transform: translateY(16px) scale(.96); } }
:host([position="start"]) .launcher, :host([position="start"]) .panel {
  inset-inline-end: auto; inset-inline-start: var(--edge);
}
.header {
  display: flex; align-items: center; gap: 12px; flex: none; padding-block: 12px; padding-inline: 16px 12px;
  background: var(--paper); border-block-end: 1px solid var(--line);
}
.heading { flex: 1; min-inline-size: 0; }
.title { font-size: 16px; font-weight: 650; line-height: 1.3; letter-spacing: -.005em; }
.status { display: flex; align-items: center; gap: 6px; color: var(--soft); font-size: 13px; line-height: 1.35; }
.status::before { content: ""; inline-size: 8px; block-size: 8px; border-radius: 50%; background: #b9aca4; flex: none; }
.status.live::before { background: #2f9e68; box-shadow: 0 0 0 3px rgb(47 158 104 / .18); }
.avatar {
  display: grid; place-items: center; flex: none; inline-size: 32px; block-size: 32px; border-radius: 11px;
  background: var(--accent); color: var(--accent-ink);
}
.avatar .icon { inline-size: 19px; block-size: 19px; }
.avatar.large { inline-size: 44px; block-size: 44px; border-radius: 15px; }
.avatar.large .icon { inline-size: 26px; block-size: 26px; }
.banner {
  display: flex; align-items: center; justify-content: center; flex-wrap: wrap; gap: 2px 10px; flex: none;
  padding: 7px 16px; background: var(--tint); color: var(--ink); font-size: 13px; text-align: center;
  border-block-end: 1px solid var(--line);
}
.banner span { text-wrap: balance; }
.banner .link { min-block-size: 30px; }
/* Which way the words run is their own affair; on which side they stand is the page's. */
.title:dir(rtl), .greeting:dir(rtl), .card p:dir(rtl) { text-align: right; }
.foot { flex: none; background: var(--paper); border-block-start: 1px solid var(--line); }
@media (max-width: 520px), (max-height: 500px) {
  .panel {
    inset: 0; inline-size: 100vw; block-size: 100dvh; border: 0; border-radius: 0;
    padding-block-end: env(safe-area-inset-bottom);
  }
  :host([expanded]) .launcher { display: none; }
  .header { padding-block-start: calc(12px + env(safe-area-inset-top)); }
}
`;
