/**
 * Sums and moments on cards, as the reader's language writes them.
 */

/**
 * @param {{minor: number, currency: string}} money Minor units, for example cents.
 * @param {string} locale
 */
export function moneyText({ minor, currency }, locale) {
  try {
    const format = new Intl.NumberFormat(locale, { style: "currency", currency, currencyDisplay: "narrowSymbol" });
    return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
  } catch {
    return `${(minor / 100).toFixed(2)} ${currency ?? ""}`.trim(); // a code that the platform does not know
  }
}

/**
 * A day, and the hour where it matters.
 * @param {string|undefined} at RFC 3339.
 * @param {string} locale
 * @param {{hour?: boolean}} [options]
 */
export function moment(at, locale, { hour = false } = {}) {
  const time = Date.parse(at ?? "");
  if (Number.isNaN(time)) return "";
  const clock = hour ? { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } : {};
  const year = new Date(time).getFullYear() === new Date().getFullYear() ? {} : { year: "numeric" };
  return new Intl.DateTimeFormat(locale, /** @type {any} */ ({ month: "short", day: "numeric", ...year, ...clock })).format(time);
}
