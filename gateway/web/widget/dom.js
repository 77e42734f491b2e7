/**
 * Builds DOM without markup: whatever a customer or a server writes stays text.
 */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag
 * @param {Record<string, any>|null} [props] `class`, `text`, `on` (listeners), anything else is an attribute;
 *   true writes an empty one, false, null and undefined none.
 * @param {...(Node|string|null|undefined|false)} children
 * @returns {any}
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) set(element, name, value);
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "class") element.className = value;
  else if (name === "text") element.textContent = value;
  else if (name === "on") for (const [event, fn] of Object.entries(value)) element.addEventListener(event, fn);
  else element.setAttribute(name, value === true ? "" : String(value));
}

/** Writes or removes an attribute, and touches the DOM only when that changes something. */
export function attribute(element, name, value) {
  if (value === null || value === undefined || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
    return;
  }
  const text = value === true ? "" : String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

/**
 * A drawing of strokes on a 24×24 grid, hidden from assistive technology.
 * @param {Array<[string, Record<string, string|number>]>} shapes
 * @param {string} [className]
 */
export function drawing(shapes, className = "icon") {
  const svg = document.createElementNS(SVG, "svg");
  const attributes = { class: className, viewBox: "0 0 24 24", fill: "none", stroke: "currentColor" };
  const line = { "stroke-width": 1.75, "stroke-linecap": "round", "stroke-linejoin": "round" };
  for (const [name, value] of Object.entries({ ...attributes, ...line })) svg.setAttribute(name, String(value));
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  for (const [tag, values] of shapes) {
    const shape = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(values)) shape.setAttribute(name, String(value));
    svg.append(shape);
  }
  return svg;
}
