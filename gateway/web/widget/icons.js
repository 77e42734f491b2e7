/**
 * The widget's drawings, on a 24×24 grid.
 */

import { drawing } from "./dom.js";

const path = (d, more = {}) => /** @type {[string, any]} */ (["path", { d, ...more }]);
const dot = (cx, cy, r = 1) =>
  /** @type {[string, any]} */ (["circle", { cx, cy, r, fill: "currentColor", stroke: "none" }]);

const SHAPES = {
  sticker: [
    path("M6 3.5h12A2.5 2.5 0 0 1 20.5 6v8L14 20.5H6A2.5 2.5 0 0 1 3.5 18V6A2.5 2.5 0 0 1 6 3.5Z"),
    path("M20.5 14H16a2 2 0 0 0-2 2v4.5"),
    path("M8 12.4c.8 1.4 2 2.1 3.6 2.1"),
    dot(9, 8.8, 1.1),
    dot(14.6, 8.8, 1.1),
  ],
  close: [path("M6 6l12 12M18 6 6 18")],
  down: [path("M6 9.5 12 15.5 18 9.5")],
  send: [path("M12 19V5.5M6 11.2 12 5l6 6.2", { "stroke-width": 2.2 })],
  stop: [["rect", { x: 7, y: 7, width: 10, height: 10, rx: 2.2, fill: "currentColor", stroke: "none" }]],
  smile: [
    ["circle", { cx: 12, cy: 12, r: 8.5 }],
    path("M8.4 14c.9 1.5 2.1 2.2 3.6 2.2s2.7-.7 3.6-2.2"),
    dot(9.2, 10, 1.1),
    dot(14.8, 10, 1.1),
  ],
  picture: [
    ["rect", { x: 3.5, y: 5, width: 17, height: 14, rx: 2.5 }],
    path("m4.5 16.5 4.6-4.7a1 1 0 0 1 1.4 0l3 3 1.6-1.6a1 1 0 0 1 1.4 0l3.2 3.2"),
    dot(15.4, 9.4, 1.3),
  ],
  search: [["circle", { cx: 10.8, cy: 10.8, r: 6 }], path("m15.4 15.4 4.1 4.1")],
  check: [path("m5.5 12.6 4.2 4.2L18.6 8", { "stroke-width": 2.2 })],
  clock: [["circle", { cx: 12, cy: 12, r: 8 }], path("M12 7.8V12l2.8 1.8")],
  retry: [path("M19 12a7 7 0 1 1-2.2-5.1M19.2 3.8v3.8h-3.8")],
  article: [path("M7 3.5h7l4 4v13H7a1 1 0 0 1-1-1v-15a1 1 0 0 1 1-1ZM14 3.5v4h4M9 12.5h6M9 16h4")],
};

/**
 * @param {keyof typeof SHAPES} name
 * @param {string} [className]
 */
export function icon(name, className) {
  return drawing(/** @type {any} */ (SHAPES[name]), className);
}
