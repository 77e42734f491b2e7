/**
 * The question of a form, with an input that fits; an answer in words is always as good.
 */

import { h } from "./dom.js";
import { icon } from "./icons.js";

/** What the platform can ask well: the kind of field, and how it is typed. */
const FIELDS = {
  date: { type: "date" },
  time: { type: "time" },
  number: { type: "number", inputmode: "numeric", min: "0", step: "1" },
  email: { type: "email", inputmode: "email", autocomplete: "email", spellcheck: "false" },
  phone: { type: "tel", inputmode: "tel", autocomplete: "tel" },
};
let numbers = 0;

/**
 * @param {any} form
 * @param {import("./rows.js").RowContext} context
 * @returns {HTMLElement|null}
 */
export function drawForm(form, context) {
  const parts = [summary(form, context), input(form, context)].filter(Boolean);
  if (!parts.length) return null;
  return h("section", { class: `slot-form ${form.input}`, "aria-label": form.title || context.strings.formLabel },
    h("p", { class: "form-title" }, icon("form"), h("span", { text: form.title || context.strings.formLabel })), ...parts);
}

/** What is known so far; before a confirmation it is what is confirmed. */
function summary({ filled }) {
  if (!filled?.length) return null;
  const pairs = filled.map(({ label, value }) => h("div", null, h("dt", { text: label }), h("dd", { text: value })));
  return h("dl", { class: "form-filled" }, ...pairs);
}

function input(form, context) {
  if (form.input === "confirm") return choices(form.choices?.length ? form.choices : yesOrNo(context.strings), context, true);
  if (form.input === "choice" && form.choices?.length) return choices(form.choices, context, false);
  return Object.hasOwn(FIELDS, form.input) ? field(form, context) : null;
}

const yesOrNo = (strings) => [{ value: strings.yes, label: strings.yes }, { value: strings.no, label: strings.no }];

function choices(offered, { reply, strings }, confirm) {
  const buttons = offered.map(({ value, label }, place) =>
    h("button", { type: "button", class: confirm && place === 0 ? "chip primary" : "chip", text: label || value, on: { click: () => reply(value) } }));
  return h("div", { class: "chips", role: "group", "aria-label": confirm ? strings.confirmLabel : strings.choicesLabel }, ...buttons);
}

function field({ input: kind }, { reply, strings }) {
  const id = `slot-${(numbers += 1)}`;
  const box = h("input", { id, class: "slot-input", required: true, autocomplete: "off", ...FIELDS[kind] });
  const send = h("button", { type: "submit", class: "chip primary", text: strings.answer });
  const element = h("form", { class: "slot-field" }, h("label", { for: id, text: strings.inputLabel[kind] }), box, send);
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    if (box.value.trim()) reply(box.value.trim());
  });
  return element;
}
