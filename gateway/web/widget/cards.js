/**
 * What an answer is about, drawn: an order with its parcels, a ticket, a coupon. A kind that is unknown is not drawn.
 */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { moment, moneyText } from "./money.js";

/** The way of a parcel; what is not on it (returned, lost) is told in words. */
const WAY = ["created", "picked_up", "in_transit", "out_for_delivery", "delivered"];
const ASTRAY = new Set(["returned", "lost"]);
const COPIED_SHOWN_MS = 2_500;

/**
 * @param {any} card
 * @param {import("./rows.js").RowContext} context
 * @returns {HTMLElement|null}
 */
export function drawCard(card, context) {
  return Object.hasOwn(PAINTERS, card?.kind) ? PAINTERS[card.kind](card, context) : null;
}

const PAINTERS = { order: drawOrder, ticket: drawTicket, coupon: drawCoupon };

function frame(kind, label, ...parts) {
  return h("section", { class: `card ${kind}`, "aria-label": label }, ...parts);
}

function head(iconName, title, detail, badge) {
  return h("header", { class: "card-head" },
    h("span", { class: "card-icon" }, icon(iconName)),
    h("div", { class: "card-title" }, h("strong", null, h("bdi", { text: title })), detail && h("span", { text: detail })),
    badge);
}

const pill = (status, text) => (text ? h("span", { class: `card-status ${tone(status)}`, text }) : null);

function tone(status) {
  if (["delivered", "resolved", "completed", "refunded", "closed"].includes(status)) return "good";
  return ["cancelled", "lost", "returned", "failed"].includes(status) ? "bad" : "";
}

function drawOrder(card, context) {
  const { strings, locale } = context;
  const label = strings.order(card.number);
  const placed = moment(card.placed_at, locale);
  return frame("order", label,
    head("box", label, placed && strings.placed(placed), pill(card.status, card.status_text)),
    card.lines?.length ? h("ul", { class: "card-lines" }, ...card.lines.map((line) => orderLine(line, context))) : null,
    ...(card.parcels ?? []).map((parcel) => drawParcel(parcel, context)),
    card.total && h("p", { class: "card-total" }, h("span", { text: strings.total }), h("strong", { text: moneyText(card.total, locale) })));
}

function orderLine({ title, sku, quantity, unit }, { strings, locale }) {
  const count = quantity > 1 ? h("span", { class: "card-count", text: strings.times(quantity) }) : null;
  const sum = unit && moneyText({ ...unit, minor: unit.minor * Math.max(1, quantity) }, locale);
  return h("li", null, h("span", { class: "card-item", text: title || sku }), count, sum && h("span", { class: "card-sum", text: sum }));
}

function drawParcel(parcel, { strings, locale }) {
  const { carrier, tracking_number: number, status, progress, last_scan: scan, last_scan_at: at } = parcel;
  const when = moment(at, locale, { hour: true });
  return h("div", { class: "parcel" },
    h("p", { class: "parcel-name" }, h("span", { text: carrier }), h("bdi", { class: "parcel-number", text: number })),
    ASTRAY.has(status) ? null : track(status, progress || status, strings),
    h("p", { class: `parcel-state ${tone(status)}`, text: progress || status }),
    scan || when ? h("p", { class: "parcel-scan" }, scan, scan && when ? " · " : "", when && h("time", { datetime: at, text: when })) : null);
}

/** Stations in a row, those behind filled; told as one picture with words. */
function track(status, progress, strings) {
  const here = WAY.indexOf(status);
  const stations = WAY.map((_station, place) => h("i", { class: place < here ? "done" : place === here ? "here" : "" }));
  return h("div", { class: "track", role: "img", "aria-label": strings.trackLabel(progress, Math.max(0, here) + 1, WAY.length) },
    ...stations);
}

function drawTicket(card, context) {
  const { strings, locale } = context;
  const label = strings.ticket(card.number);
  const opened = moment(card.opened_at, locale, { hour: true });
  const reply = moment(card.reply_by, locale, { hour: true });
  return frame("ticket", label,
    head("ticket", label, opened && strings.opened(opened), pill(card.status, strings.ticketStatus[card.status] ?? "")),
    h("p", { class: "card-text", text: card.text }),
    card.order_number ? h("p", { class: "card-small" }, strings.aboutOrder, " ", h("bdi", { text: card.order_number })) : null,
    reply && card.status !== "resolved" && card.status !== "closed"
      ? h("p", { class: "card-promise" }, icon("clock"), h("span", { text: strings.replyBy(reply) })) : null);
}

function drawCoupon(card, context) {
  const { strings, locale } = context;
  const minimum = card.minimum && strings.couponFrom(moneyText(card.minimum, locale));
  const until = moment(card.expires_at, locale);
  return frame("coupon", strings.coupon,
    h("div", { class: "coupon-worth" }, h("strong", { text: card.amount ? moneyText(card.amount, locale) : "" }), h("span", { text: strings.couponOff })),
    h("div", { class: "coupon-body" },
      h("code", { class: "coupon-code", dir: "ltr", text: card.code }),
      h("p", { class: "card-small", text: [minimum, until && strings.couponUntil(until)].filter(Boolean).join(" · ") })),
    copyButton(card.code, strings));
}

function copyButton(code, strings) {
  const said = h("span", { class: "sr", role: "status" });
  const button = h("button", { type: "button", class: "icon-button copy", "aria-label": strings.copyCode(code), title: strings.copy }, icon("copy"));
  button.addEventListener("click", async () => {
    const done = await copy(code, button);
    said.textContent = done ? strings.copied : strings.copyByHand;
    button.replaceChildren(icon(done ? "check" : "copy"));
    button.classList.toggle("done", done);
    setTimeout(() => {
      said.textContent = "";
      button.replaceChildren(icon("copy"));
      button.classList.remove("done");
    }, COPIED_SHOWN_MS);
  });
  return h("div", { class: "coupon-copy" }, button, said);
}

/** Where the clipboard is refused (a page without TLS, a policy) the code is marked, to be copied by hand. */
async function copy(code, button) {
  try {
    await navigator.clipboard.writeText(code);
    return true;
  } catch {
    const shown = button.closest(".coupon")?.querySelector(".coupon-code");
    if (shown) globalThis.getSelection()?.selectAllChildren(shown);
    return false;
  }
}
