/**
 * What the browser tells about the network and the page.
 */

/**
 * @param {{offline: () => void, online: () => void}} heard `online` also when the page is looked at again.
 * @returns {(() => void)|null} Stops listening; null where there is no page.
 */
export function watchPage({ offline, online }) {
  const page = globalThis.window;
  if (!page?.document) return null;
  const seen = () => void (page.document.visibilityState === "visible" && page.navigator.onLine && online());
  page.addEventListener("offline", offline);
  page.addEventListener("online", online);
  page.document.addEventListener("visibilitychange", seen);
  return () => {
    page.removeEventListener("offline", offline);
    page.removeEventListener("online", online);
    page.document.removeEventListener("visibilitychange", seen);
  };
}

/** Letters of a random id: unique enough among one visitor's messages. */
export function freshId() {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
