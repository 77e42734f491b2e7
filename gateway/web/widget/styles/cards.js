/** Cards in an answer: an order with its parcels, a ticket, a coupon. */

export const CARDS = `
.card {
  inline-size: min(100%, 304px); overflow: hidden; border: 1px solid var(--bubble-line); border-radius: 16px;
  background: var(--bubble); font-size: 14px; line-height: 1.45; box-shadow: 0 1px 2px rgb(60 30 15 / .05);
}
.card bdi { unicode-bidi: isolate; }
.card-head { display: flex; align-items: center; gap: 8px; padding: 12px 14px 10px; }
.card-icon {
  display: grid; place-items: center; flex: none; inline-size: 32px; block-size: 32px; border-radius: 11px;
  background: var(--tint); color: var(--mark);
}
.card-icon .icon { inline-size: 20px; block-size: 20px; }
.card-title { flex: 1; min-inline-size: 0; display: flex; flex-direction: column; }
.card-title strong { font-weight: 650; overflow-wrap: anywhere; line-height: 1.3; letter-spacing: -.012em; }
.card-title span { color: var(--soft); font-size: 12px; }
.card-status {
  flex: none; align-self: flex-start; max-inline-size: 46%; padding: 2px 8px; border-radius: 10px; background: var(--hover);
  font-size: 12px; font-weight: 600; line-height: 1.5;
}
.card-status.good { background: color-mix(in srgb, var(--good) 14%, var(--bubble)); color: var(--good); }
.card-status.bad { background: color-mix(in srgb, var(--danger) 12%, var(--bubble)); color: var(--danger); }
.card-lines { padding: 2px 14px 10px; list-style: none; display: grid; gap: 6px; }
.card-lines li { display: flex; align-items: baseline; gap: 8px; }
.card-item { flex: 1; min-inline-size: 0; overflow-wrap: anywhere; }
.card-count { color: var(--soft); font-size: 13px; }
.card-sum, .card-total strong { font-variant-numeric: tabular-nums; white-space: nowrap; }
.card-total {
  display: flex; justify-content: space-between; gap: 12px; padding: 9px 14px; border-block-start: 1px solid var(--line);
  background: color-mix(in srgb, var(--hover) 45%, transparent);
}
.card-total strong { font-weight: 700; }
.card-text { padding: 0 14px 10px; overflow-wrap: anywhere; }
.card-small { color: var(--soft); font-size: 12px; }
.ticket .card-small { padding: 0 14px 10px; }
.card-promise {
  display: flex; align-items: center; gap: 7px; padding: 9px 14px; border-block-start: 1px solid var(--line);
  background: color-mix(in srgb, var(--hover) 45%, transparent); font-size: 13px; font-weight: 550;
}
.card-promise .icon { inline-size: 16px; block-size: 16px; color: var(--mark); }
.parcel { display: grid; gap: 6px; padding: 11px 14px 12px; border-block-start: 1px solid var(--line); }
.parcel-name { display: flex; justify-content: space-between; gap: 10px; font-size: 12px; color: var(--soft); }
.parcel-number { font-family: ui-monospace, "SF Mono", Menlo, monospace; overflow-wrap: anywhere; text-align: end; }
.parcel-state { font-weight: 600; }
.parcel-state.good { color: var(--good); }
.parcel-state.bad { color: var(--danger); }
.parcel-scan { color: var(--soft); font-size: 12.5px; }
.track { display: flex; align-items: center; padding-block: 4px; }
.track i { position: relative; flex: 1; block-size: 4px; border-radius: 2px; background: var(--line); }
.track i:first-child { flex: none; inline-size: 10px; background: none; }
.track i::after {
  content: ""; position: absolute; inset-inline-end: 0; inset-block-start: 50%; inline-size: 10px; block-size: 10px;
  border-radius: 50%; background: var(--line); transform: translateY(-50%);
}
.track i.done, .track i.here { background: var(--mark); }
.track i.here { z-index: 1; }
.track i:first-child.done, .track i:first-child.here { background: none; }
.track i.done::after { background: var(--mark); }
.track i.here::after { background: var(--bubble); box-shadow: 0 0 0 3px var(--mark), 0 0 0 6px color-mix(in srgb, var(--mark) 22%, transparent); }
.coupon { position: relative; display: flex; align-items: stretch; border-style: dashed; border-color: color-mix(in srgb, var(--mark) 55%, var(--line)); }
.coupon-worth {
  display: flex; flex-direction: column; align-items: center; justify-content: center; flex: none; min-inline-size: 82px;
  padding: 12px 10px; background: var(--tint); color: var(--mark-ink); border-inline-end: 2px dashed var(--bubble-line);
}
.coupon-worth strong { font-size: 20px; font-weight: 750; line-height: 1.2; letter-spacing: -.01em; }
.coupon-worth span { font-size: 12px; }
.coupon-body { flex: 1; min-inline-size: 0; display: flex; flex-direction: column; justify-content: center; gap: 3px; padding: 10px 0 10px 12px; }
.coupon-code { font: 650 14px/1.4 ui-monospace, "SF Mono", Menlo, monospace; letter-spacing: .02em; overflow-wrap: anywhere; text-align: start; }
.coupon:dir(rtl) .coupon-body { padding: 10px 12px 10px 0; }
.coupon-copy { display: grid; place-items: center; padding-inline: 4px; }
.copy.done { color: var(--good); }
`;
