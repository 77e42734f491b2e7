/**
 * The widget's look as one constructed style sheet: allowed by a strict content security policy, shared by all copies.
 */

import { CARDS } from "./cards.js";
import { COMPOSER } from "./composer.js";
import { END } from "./end.js";
import { FRAME } from "./frame.js";
import { LOG } from "./log.js";
import { THEME } from "./theme.js";

let shared = /** @type {CSSStyleSheet|null} */ (null);

/** @returns {CSSStyleSheet} */
export function sheet() {
  if (shared === null) {
    shared = new CSSStyleSheet();
    shared.replaceSync([THEME, FRAME, LOG, COMPOSER, CARDS, END].join("\n"));
  }
  return shared;
}
