/**
 * The constants of the edge protocol, version 1. `/asyncapi.yaml` is the reference.
 */

export const SUBPROTOCOL = "stickerdesk.v1";
export const MAX_TEXT_CHARS = 4000;
const MAX_SUGGEST_CHARS = 200;

/** What a client does after a close. */
export const Verdict = Object.freeze({
  /** Come back with back-off and resume. */
  RECONNECT: "reconnect",
  /** Come back as somebody new: the token is of no more use. */
  RENEW: "renew",
  /** Stay away until a person asks again. */
  STOP: "stop",
});

const VERDICTS = new Map([
  [1000, Verdict.STOP],
  [1009, Verdict.STOP],
  [4400, Verdict.STOP],
  [4401, Verdict.STOP],
  [4403, Verdict.RENEW],
  [4413, Verdict.STOP],
]);

/** Gaps after which the numbers that the client has are void. */
export const VOIDING_GAPS = new Set(["epoch_changed", "ahead_of_journal"]);

/** Close codes after which the stored token must not be used again. */
export const TOKEN_ENDS = new Set([4401, 4403]);

/**
 * What to do after a close code; an unknown one (1006: the network broke) means to come back.
 * @param {number} code
 * @returns {string} One of Verdict.
 */
export function verdictOf(code) {
  return VERDICTS.get(code) ?? Verdict.RECONNECT;
}

/**
 * A frame as it is sent. Half of a surrogate pair, from a cut emoji, has no UTF-8: the server would take the whole
 * frame for broken, every time that it is sent again.
 * @param {object} frame
 */
export const encode = (frame) =>
  JSON.stringify(frame, (_, value) => (typeof value === "string" ? value.replace(/\p{Surrogate}/gu, "\uFFFD") : value));

/** The end of a text that suggestions go by; an emoji is not cut in two. @param {string} text */
export const lastOf = (text) => text.slice(-MAX_SUGGEST_CHARS).replace(/^[\uDC00-\uDFFF]/, "");

/** A mistake in how the SDK is used. `reason` is a stable word. */
export class StickerdeskError extends Error {
  /**
   * @param {string} reason
   * @param {string} message
   */
  constructor(reason, message) {
    super(message);
    this.name = "StickerdeskError";
    this.reason = reason;
  }
}
