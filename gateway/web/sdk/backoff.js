/**
 * Exponential back-off with full jitter, so that a crowd that was dropped at once does not return at once.
 * (M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.)
 *
 * @param {number} attempt From 0.
 * @param {{baseMs: number, capMs: number, random: () => number}} shape
 * @returns {number} Milliseconds to wait.
 */
export function fullJitterMs(attempt, { baseMs, capMs, random }) {
  return Math.round(random() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30)));
}

/**
 * The wait that a draining server asks for in its close reason, `retry_after_ms=1234`.
 * @param {string} reason
 * @returns {number} Milliseconds, 0 when it asks for none.
 */
export function hintMs(reason) {
  const found = /retry_after_ms=(\d{1,6})/.exec(reason ?? "");
  return found ? Number(found[1]) : 0;
}
