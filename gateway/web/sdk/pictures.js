/**
 * Pictures on their way out: made smaller here, uploaded with progress.
 */

import { StickerdeskError } from "./protocol.js";

export const PICTURE_TYPES = Object.freeze(["image/jpeg", "image/png", "image/webp", "image/gif"]);
export const MAX_PICTURE_BYTES = 5 * 1024 * 1024;
const MAX_SIDE_PX = 2048;
const LEAVE_BYTES = 1024 * 1024; // a file this small is not worth encoding anew
const QUALITY = 0.85;

/**
 * A picture that the server will take: smaller where it is large, the same where it is small or where this platform
 * cannot draw. A GIF stays as it is.
 * @param {Blob} file
 * @returns {Promise<Blob>}
 * @throws {StickerdeskError} PICTURE_EMPTY, PICTURE_TYPE_UNSUPPORTED or PICTURE_TOO_LARGE.
 */
export async function prepare(file) {
  if (file.size === 0) throw new StickerdeskError("PICTURE_EMPTY", "the picture is empty");
  if (!PICTURE_TYPES.includes(file.type)) {
    throw new StickerdeskError("PICTURE_TYPE_UNSUPPORTED", "send a JPEG, PNG, WebP or GIF picture");
  }
  const smaller = file.type === "image/gif" ? null : await shrink(file);
  const chosen = smaller && smaller.size < file.size ? smaller : file;
  if (chosen.size > MAX_PICTURE_BYTES) throw new StickerdeskError("PICTURE_TOO_LARGE", "at most 5 MiB");
  return chosen;
}

/** @returns {Promise<Blob|null>} */
async function shrink(file) {
  if (!globalThis.createImageBitmap || !globalThis.document) return null;
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return null; // the server says better what is wrong with it
  }
  const scale = Math.min(1, MAX_SIDE_PX / Math.max(bitmap.width, bitmap.height));
  if (scale === 1 && file.size <= LEAVE_BYTES) {
    bitmap.close();
    return null;
  }
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const pen = canvas.getContext("2d");
  pen?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return pen ? encoded(canvas, pen) : null;
}

/** A browser that cannot write WebP gives PNG without a word: what came out counts, not what was asked for. */
async function encoded(canvas, pen) {
  const webp = await blobOf(canvas, "image/webp");
  if (webp?.type === "image/webp") return webp;
  pen.globalCompositeOperation = "destination-over"; // JPEG knows no transparency: white shows through
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  const jpeg = await blobOf(canvas, "image/jpeg");
  return jpeg?.type === "image/jpeg" ? jpeg : null;
}

const blobOf = (canvas, type) => new Promise((resolve) => canvas.toBlob(resolve, type, QUALITY));

/**
 * Uploads a prepared picture.
 * @param {{url: URL, token: string, picture: Blob, onProgress?: (share: number) => void, signal?: AbortSignal}} upload
 * @returns {Promise<import("./index.d.ts").UploadedImage>}
 * @throws {StickerdeskError} The server's reason, NETWORK, or ABORTED.
 */
export async function upload({ url, token, picture, onProgress, signal }) {
  if (signal?.aborted) throw aborted();
  const form = new FormData();
  form.append("file", picture, `picture.${picture.type.split("/")[1]}`); // the file's own name is nobody's business
  const post = globalThis.XMLHttpRequest ? byXhr : byFetch;
  const { status, body } = await post(url, { authorization: `Bearer ${token}` }, form, onProgress, signal);
  if (status === 201) return body;
  throw new StickerdeskError(body?.reason ?? "NETWORK", body?.message ?? `the upload failed with ${status}`);
}

const aborted = () => new StickerdeskError("ABORTED", "the upload was given up");
const broken = () => new StickerdeskError("NETWORK", "the connection broke during the upload");

/** fetch tells no progress of what is sent, so browsers use the older way. */
function byXhr(url, headers, form, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const give = () => xhr.abort();
    xhr.open("POST", url.href);
    xhr.responseType = "text";
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = ({ lengthComputable, loaded, total }) => lengthComputable && onProgress?.(loaded / total);
    xhr.onload = () => resolve({ status: xhr.status, body: parsed(xhr.responseText) });
    xhr.onerror = () => reject(broken());
    xhr.onabort = () => reject(aborted());
    xhr.onloadend = () => signal?.removeEventListener("abort", give);
    signal?.addEventListener("abort", give);
    xhr.send(form);
  });
}

async function byFetch(url, headers, form, onProgress, signal) {
  try {
    const answer = await fetch(url, { method: "POST", headers, body: form, signal });
    onProgress?.(1);
    return { status: answer.status, body: parsed(await answer.text()) };
  } catch {
    throw signal?.aborted ? aborted() : broken();
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
