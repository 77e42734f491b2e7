/**
 * Stillness for those who asked for it: an animated sticker shows its first frame.
 */

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * Draws the first frame in the place of a picture that may move, once it is loaded.
 * A canvas draws an animated image as its first frame; that is what the HTML standard says.
 * @param {HTMLImageElement} image
 * @returns {HTMLImageElement}
 */
export function poster(image) {
  if (!still()) return image;
  image.addEventListener("load", () => freeze(image), { once: true });
  return image;
}

function freeze(image) {
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth || image.width;
  canvas.height = image.naturalHeight || image.height;
  canvas.className = "poster";
  const pen = canvas.getContext("2d");
  if (!pen || !image.isConnected) return;
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  if (image.alt) {
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", image.alt);
  } else {
    canvas.setAttribute("aria-hidden", "true");
  }
  image.replaceWith(canvas);
}
