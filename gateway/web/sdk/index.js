/**
 * Stickerdesk for browsers and Node: a conversation that survives a bad network.
 *
 *     import { connect } from "/sdk/index.js";
 *     const desk = connect({ url: "https://desk.example.com", locale: "zh-CN" });
 *     desk.on("entry", (entry) => console.log(entry.author, entry.text));
 *     desk.send({ text: "快递三天没更新了" });
 */

import { Client } from "./client.js";

/**
 * Opens a conversation.
 * @param {import("./index.d.ts").ConnectOptions} [options]
 * @returns {Client}
 */
export function connect(options) {
  return new Client(options).open();
}

export { Client } from "./client.js";
export { Status } from "./machine.js";
export { MAX_PICTURE_BYTES, PICTURE_TYPES } from "./pictures.js";
export { MAX_TEXT_CHARS, StickerdeskError, Verdict, verdictOf } from "./protocol.js";
