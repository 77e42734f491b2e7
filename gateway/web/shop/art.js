/**
 * The shop's drawings: six products and the blossoms of the hero. Colours come from art.css by class.
 */

const SVG = "http://www.w3.org/2000/svg";

function shape(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

/** @param {Array<[string, string, Record<string, any>?]>} paths Class, path data, more attributes. */
function drawing(paths) {
  const svg = shape("svg", { viewBox: "0 0 240 200", "aria-hidden": "true", class: "drawing" });
  svg.append(shape("ellipse", { class: "shade", cx: 120, cy: 172, rx: 84, ry: 9 }));
  for (const [name, d, more] of paths) svg.append(shape("path", { class: name, d, ...more }));
  return svg;
}

const line = (width) => ({ fill: "none", "stroke-width": width, "stroke-linecap": "round", "stroke-linejoin": "round" });

const mug = () =>
  drawing([
    ["clay-line", "M156 92c42-10 46 52 0 52", line(13)],
    ["clay", "M66 66h96v62c0 30-18 44-48 44s-48-14-48-44Z"],
    ["cream", "M66 66h96v34c-14 10-20-6-32 2s-18 6-32-2-20 8-32 0Z"],
    ["clay-dark-fill", "M66 66c0-12 96-12 96 0s-96 12-96 0Z"],
    ["tea", "M76 67c0-7 76-7 76 0s-76 7-76 0Z"],
    ["steam-line", "M100 46c-8-10 8-16 0-28M126 46c-8-10 8-16 0-28", line(4)],
  ]);

const tote = () =>
  drawing([
    ["linen-line", "M88 76c-4-58 68-58 64 0", line(8)],
    ["linen", "M58 74h124l12 96H46Z"],
    ["linen-dark", "M58 74h124l1 9H57Z"],
    ["peach", "M120 150c-20 0-28-14-28-27 0-12 9-20 19-20 4 0 7 1 9 3 2-2 5-3 9-3 10 0 19 8 19 20 0 13-8 27-28 27Z"],
    ["leaf", "M120 106c0-8 6-13 16-13 0 8-6 13-16 13Z"],
  ]);

const candle = () =>
  drawing([
    ["glass", "M72 72h96v84c0 11-8 16-18 16H90c-10 0-18-5-18-16Z"],
    ["wax", "M78 100h84v54c0 8-6 12-14 12H92c-8 0-14-4-14-12Z"],
    ["wax-top", "M78 100c0-8 84-8 84 0s-84 8-84 0Z"],
    ["ink", "M120 98V84", line(3.5)],
    ["flame", "M120 84c-12 0-16-9-12-18 3-7 10-12 12-24 2 12 9 17 12 24 4 9 0 18-12 18Z"],
    ["paper", "M94 118h52v30H94Z"],
    ["peach", "M120 141c-7 0-10-5-10-10 0-4 3-7 7-7 1 0 2 0 3 1 1-1 2-1 3-1 4 0 7 3 7 7 0 5-3 10-10 10Z"],
  ]);

const teapot = () =>
  drawing([
    ["glaze-line", "M170 92c40-12 46 48-4 54", line(11)],
    ["glaze", "M66 118c-24-4-28-22-36-36l18-6c6 14 12 20 30 22Z"],
    ["glaze", "M54 120c0-34 30-54 68-54s66 20 66 54-24 52-66 52-68-18-68-52Z"],
    ["glaze-light", "M74 116c4-16 16-26 32-30", line(7)],
    ["glaze-lip", "M80 70c4-14 20-20 41-20s37 6 41 20c-26 6-56 6-82 0Z"],
    ["glaze-lip", "M121 51a9 9 0 1 1 .1 0Z"],
  ]);

const lamp = () =>
  drawing([
    ["glow", "M120 128a70 70 0 1 0-.1 0Z"],
    ["wood", "M113 116h14v48h-14Z"],
    ["wood-dark", "M82 160h76a6 6 0 0 1 6 6v6H76v-6a6 6 0 0 1 6-6Z"],
    ["paper", "M84 34h72l26 88H58Z"],
    ["paper-fold", "M102 34 88 122M120 34v88M138 34l14 88", line(2)],
    ["paper-edge", "M58 116h124l2 6H56Z"],
  ]);

const throwBlanket = () =>
  drawing([
    ["wool-dark", "M44 138h152a10 10 0 0 1 10 10v14a10 10 0 0 1-10 10H44a10 10 0 0 1-10-10v-14a10 10 0 0 1 10-10Z"],
    ["wool", "M48 104h144a10 10 0 0 1 10 10v14a10 10 0 0 1-10 10H48a10 10 0 0 1-10-10v-14a10 10 0 0 1 10-10Z"],
    ["cream", "M52 70h136a10 10 0 0 1 10 10v14a10 10 0 0 1-10 10H52a10 10 0 0 1-10-10V80a10 10 0 0 1 10-10Z"],
    ["stripe", "M60 104v34M74 104v34M166 104v34M180 104v34", line(5)],
    ["stripe-dark", "M66 70v34M82 70v34M98 70v34", line(5)],
    ["tassel", "M52 172v10M72 172v12M92 172v10M112 172v12M132 172v10M152 172v12M172 172v10M190 172v12", line(4)],
  ]);

export const PRODUCTS = [
  { draw: mug, tone: "peachy", cny: 68, usd: 10.3, en: { name: "Dipped mug", note: "Stoneware, 320 ml" }, zh: { name: "浸釉马克杯", note: "粗陶，320 毫升" } },
  { draw: teapot, tone: "sage", cny: 238, usd: 36, en: { name: "Morning teapot", note: "Celadon glaze" }, zh: { name: "晨间茶壶", note: "青瓷釉" } },
  { draw: lamp, tone: "sand", cny: 329, usd: 49.9, en: { name: "Paper lamp", note: "Mulberry paper, ash" }, zh: { name: "纸灯", note: "桑皮纸与白蜡木" } },
  { draw: tote, tone: "sky", cny: 89, usd: 13.5, en: { name: "Market tote", note: "Washed linen" }, zh: { name: "买菜布袋", note: "水洗亚麻" } },
  { draw: candle, tone: "sand", cny: 128, usd: 19.4, en: { name: "Peach candle", note: "Soy wax, 40 hours" }, zh: { name: "蜜桃蜡烛", note: "大豆蜡，燃 40 小时" } },
  { draw: throwBlanket, tone: "peachy", cny: 399, usd: 60.5, en: { name: "Wool throw", note: "Undyed and madder" }, zh: { name: "羊毛盖毯", note: "原色与茜草染" } },
];

const PLACES = [
  [112, 160, 24], [150, 196, 15], [206, 232, 20], [262, 160, 13], [306, 140, 26], [276, 246, 16],
  [322, 322, 18], [404, 292, 25], [366, 268, 12], [236, 300, 14], [68, 148, 10],
];

/** @returns {SVGElement[]} */
export function blossoms() {
  return PLACES.map(([x, y, size], place) => {
    const group = shape("g", { transform: `translate(${x} ${y}) rotate(${place * 31}) scale(${size / 20})` });
    for (let petal = 0; petal < 5; petal += 1) {
      const d = "M0 2C-12-4-11-19-3-19c2 0 3 2 3 3 0-1 1-3 3-3 8 0 9 15-3 21Z";
      group.append(shape("path", { class: petal % 2 ? "petal" : "petal-light", d, transform: `rotate(${petal * 72})` }));
    }
    group.append(shape("circle", { class: "heart", r: 4.2 }));
    return group;
  });
}
