/**
 * The widget's drawings, on a 24×24 grid.
 */

import { drawing } from "./dom.js";

const path = (d, more = {}) => /** @type {[string, any]} */ (["path", { d, ...more }]);
const dot = (cx, cy, r = 1) =>
  /** @type {[string, any]} */ (["circle", { cx, cy, r, fill: "currentColor", stroke: "none" }]);

/** A face with this mouth. */
const face = (mouth) => [["circle", { cx: 12, cy: 12, r: 9 }], path(mouth), dot(9, 10, 1.15), dot(15, 10, 1.15)];

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
  checks: [path("m2.5 12.8 4 4L14.6 8.4M10.5 15.6l1.3 1.2L20.5 8", { "stroke-width": 2.2 })],
  camera: [
    path("M4.5 8h3l1.6-2.5h5.8L16.5 8h3A1.5 1.5 0 0 1 21 9.5v8a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5v-8A1.5 1.5 0 0 1 4.5 8Z"),
    ["circle", { cx: 12, cy: 13.2, r: 3.4 }],
  ],
  box: [path("M12 3 4 7v10l8 4 8-4V7l-8-4ZM4 7l8 4 8-4M12 11v10M8 5l8 4v3.5")],
  ticket: [
    path("M4 7.5A1.5 1.5 0 0 1 5.5 6h13A1.5 1.5 0 0 1 20 7.5v2.3a2.2 2.2 0 0 0 0 4.4v2.3a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 16.5v-2.3a2.2 2.2 0 0 0 0-4.4V7.5Z"),
    path("M13.5 9.5v.01M13.5 12v.01M13.5 14.5v.01", { "stroke-width": 2 }),
  ],
  copy: [["rect", { x: 8.5, y: 8.5, width: 11, height: 11, rx: 2.2 }], path("M15.5 5.5A1.5 1.5 0 0 0 14 4.5H6.5a2 2 0 0 0-2 2V14a1.5 1.5 0 0 0 1 1.4")],
  form: [["rect", { x: 5, y: 4, width: 14, height: 16.5, rx: 2.2 }], path("M9 9h6M9 12.5h6M9 16h3")],
  megaphone: [path("M4 10v4h3l8 4V6l-8 4H4ZM18.5 9.5a4 4 0 0 1 0 5M7.5 14l1 5h2.5l-1-4")],
  face1: face("M8 16.4c1-1.5 2.3-2.2 4-2.2s3 .7 4 2.2"),
  face2: face("M8.6 15.8c.9-.8 2-1.2 3.4-1.2s2.5.4 3.4 1.2"),
  face3: face("M8.6 15h6.8"),
  face4: face("M8.4 14.2c.9 1.2 2.1 1.8 3.6 1.8s2.7-.6 3.6-1.8"),
  face5: face("M7.8 13.6h8.4c-.5 2.3-2 3.5-4.2 3.5s-3.7-1.2-4.2-3.5Z"),
  article: [path("M7 3.5h7l4 4v13H7a1 1 0 0 1-1-1v-15a1 1 0 0 1 1-1ZM14 3.5v4h4M9 12.5h6M9 16h4")],
};

/**
 * @param {keyof typeof SHAPES} name
 * @param {string} [className]
 */
export function icon(name, className) {
  return drawing(/** @type {any} */ (SHAPES[name]), className);
}
