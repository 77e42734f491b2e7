/**
 * Days and times as the reader's language writes them.
 */

const DAY_MS = 86_400_000;

function midnight(time) {
  const day = new Date(time);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();
}

/**
 * @param {number} time Milliseconds since 1970.
 * @param {string} locale
 */
export function clock(time, locale) {
  return new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(time);
}

/** A word that is the same for times of one local day. @param {number} time */
export function dayKey(time) {
  return String(midnight(time));
}

/**
 * "Today", "Yesterday", "Monday, 3 March".
 * @param {number} time
 * @param {number} now
 * @param {string} locale
 */
export function dayName(time, now, locale) {
  const days = Math.round((midnight(time) - midnight(now)) / DAY_MS);
  if (days === 0 || days === -1) {
    const name = new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(days, "day");
    return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
  }
  return new Intl.DateTimeFormat(locale, { weekday: "long", month: "long", day: "numeric" }).format(time);
}
