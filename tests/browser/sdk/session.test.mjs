import assert from "node:assert/strict";
import { test } from "node:test";

import { Machine } from "../../../gateway/web/sdk/machine.js";
import { Receipts } from "../../../gateway/web/sdk/receipts.js";
import { nameOf, piece, Uploads } from "../../../gateway/web/sdk/uploads.js";

const HEAD = { conversation: "c", epoch: "e", last_seq: 0, heartbeat_s: 25, token: "tok", resumed: false, language: "en", state: "open" };

/** A machine that is caught up, at a time of the test's own. */
function online(options = {}) {
  const machine = new Machine({ random: () => 0.5, ...options });
  machine.start(0);
  machine.opened(null, 0);
  machine.frame({ type: "welcome", ...HEAD }, 0);
  machine.frame({ type: "caught_up", last_seq: 0 }, 0);
  return machine;
}

const sent = (effects, type) => effects.filter((e) => e.do === "send" && e.frame.type === type).map((e) => e.frame);
const told = (effects, event) => effects.filter((e) => e.do === "emit" && e.event === event).map((e) => e.data);
const entry = (seq) => ({ type: "entry", seq, at: "2026-01-01T00:00:00Z", author: "assistant", text: `n${seq}` });

test("receipts only rise, are gathered, and are at most two a second", () => {
  const machine = online();
  for (const seq of [1, 2, 3]) machine.frame(entry(seq), 100);
  machine.read(2, 100);
  assert.deepEqual(sent(machine.tick(200), "receipt"), []);
  assert.deepEqual(sent(machine.tick(400), "receipt"), [{ type: "receipt", delivered: 3, read: 2 }]);
  machine.read(1, 500);
  assert.deepEqual(sent(machine.tick(5000), "receipt"), []);
  machine.frame(entry(4), 5000);
  machine.read(99, 5000);
  assert.deepEqual(sent(machine.tick(5300), "receipt"), [{ type: "receipt", delivered: 4, read: 4 }]);
});

test("a receipt that a broken connection lost is told again", () => {
  const receipts = new Receipts();
  receipts.seen(3, 0);
  assert.equal(receipts.next(250).read, 3);
  receipts.connected(1000);
  assert.deepEqual(receipts.next(2000), { type: "receipt", delivered: 3, read: 3 });
});

test("what another tab read is known and not told twice", () => {
  const machine = online();
  machine.frame(entry(1), 0);
  machine.tick(300);
  assert.deepEqual(told(machine.readElsewhere(1), "read"), [{ seq: 1, here: false }]);
  assert.deepEqual(sent(machine.tick(5000), "receipt"), []);
  assert.deepEqual(told(machine.read(1, 5000), "read"), []);
});

test("a question is asked again after a reconnect and answered once", () => {
  const machine = online();
  machine.ask("h1", { type: "history", history_id: "h1", before_seq: 5 });
  machine.closed(1006, "", 10);
  machine.tick(60_000);
  machine.opened("tok", 60_000);
  machine.frame({ type: "welcome", ...HEAD }, 60_000);
  assert.equal(sent(machine.frame({ type: "caught_up", last_seq: 0 }, 60_000), "history").length, 1);
  const page = { type: "history", history_id: "h1", entries: [entry(4)], has_more: false };
  const [answer] = told(machine.frame(page, 60_000), "answered");
  assert.equal(answer.frame.entries[0].replayed, true);
  assert.deepEqual(told(machine.frame(page, 60_000), "answered"), []);
});

test("a refused rating says so, and is no message", () => {
  const machine = online();
  machine.ask("r1", { type: "rating", rating_id: "r1", score: 5 });
  const fault = { type: "error", code: 409, reason: "CONVERSATION_OPEN", message: "no", retryable: false, client_msg_id: "r1" };
  assert.equal(told(machine.frame(fault, 0), "refused")[0].id, "r1");
  assert.deepEqual(machine.outbox.list(), []);
});

test("tabs send only in their turn, and what the others sent or added counts", () => {
  const machine = online({ shared: true });
  const effects = machine.send({ client_msg_id: "a", text: "mine" }, 0);
  assert.deepEqual(effects.filter((e) => e.do === "turn"), [{ do: "turn", wanted: true }]);
  assert.deepEqual(sent(effects, "message"), []);
  machine.elsewhere({ kept: { client_msg_id: "z", text: "theirs, later", at: 50 } }, 0);
  machine.elsewhere({ kept: { client_msg_id: "b", text: "theirs", at: 40 } }, 0);
  machine.elsewhere({ dropped: "b", sent: true }, 0);
  const granted = machine.granted([{ client_msg_id: "a", text: "mine", at: 0 }], 10);
  assert.deepEqual(sent(granted, "message").map((frame) => frame.client_msg_id), ["a"]);
  assert.deepEqual(told(granted, "discarded"), [{ client_msg_id: "z" }]);
  const done = machine.frame({ type: "ack", client_msg_id: "a", seq: 1, duplicate: false, turn: "t" }, 20);
  assert.deepEqual(done.filter((e) => e.do === "turn"), [{ do: "turn", wanted: false }]);
});

test("a lost connection gives the turn to another tab", () => {
  const machine = online({ shared: true });
  machine.send({ client_msg_id: "a", text: "mine" }, 0);
  machine.granted([{ client_msg_id: "a", text: "mine", at: 0 }], 0);
  assert.deepEqual(machine.closed(1006, "", 1).filter((e) => e.do === "turn"), [{ do: "turn", wanted: false }]);
});

test("what was written here is sent even if the storage lost it", () => {
  const machine = online({ shared: true });
  machine.send({ client_msg_id: "a", text: "mine" }, 0);
  assert.equal(sent(machine.granted([], 0), "message").length, 1);
});

test("a token that ends is renewed, and the new one is stored", () => {
  const machine = online();
  assert.equal(machine.frame({ type: "expiring", expires_at: 9 }, 0).some((e) => e.do === "refresh"), true);
  assert.deepEqual(sent(machine.refresh(""), "refresh"), [{ type: "refresh", token: undefined }]);
  const effects = machine.frame({ type: "refreshed", token: "new", expires_at: 99 }, 0);
  assert.deepEqual(effects.filter((e) => e.do === "token"), [{ do: "token", token: "new" }]);
});

test("a piece is version, id, offset and bytes", () => {
  const frame = piece("ab", 258, new Uint8Array([7, 8]));
  assert.deepEqual([...frame], [1, 2, 97, 98, 0, 0, 0, 0, 0, 0, 1, 2, 7, 8]);
});

test("the same picture has the same name", async () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const [one, other, third] = await Promise.all([nameOf(bytes), nameOf(bytes), nameOf(new Uint8Array([1]))]);
  assert.deepEqual(one, other);
  assert.notEqual(one.id, third.id);
  assert.match(one.id, /^p-[0-9a-f]{40}$/);
});

/** A wire whose other end keeps what arrives in order. */
function wire() {
  const state = { up: true, frames: [], got: [], id: "" };
  return {
    state,
    online: () => state.up,
    send: (frame) => state.frames.push(frame),
    bytes: (data) => {
      state.id = String.fromCharCode(...data.subarray(2, 2 + data[1]));
      state.got.push([Number(new DataView(data.buffer).getBigUint64(2 + data[1])), data.length - 10 - data[1]]);
    },
    buffered: () => 0,
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("no more is sent than the server can be behind, and it goes on from what it has", async () => {
  const line = wire();
  const uploads = new Uploads(line);
  const shares = [];
  const done = uploads.take(new Blob([new Uint8Array(1_000_000)], { type: "image/png" }), { onProgress: (share) => shares.push(share) });
  await settled();
  while (!line.state.frames.length) await settled();
  const [{ upload_id, size, media_type }] = line.state.frames;
  assert.deepEqual([size, media_type], [1_000_000, "image/png"]);
  uploads.heard({ type: "upload_ready", upload_id, offset: 0, chunk_bytes: 65_536 });
  const ahead = line.state.got.reduce((sum, [, length]) => sum + length, 0);
  assert.ok(ahead >= 512 * 1024 && ahead < 600 * 1024, String(ahead));
  line.state.got.length = 0;
  uploads.heard({ type: "upload_ready", upload_id, offset: 900_000, chunk_bytes: 65_536 });
  assert.deepEqual(line.state.got, [[900_000, 65_536], [965_536, 34_464]]);
  uploads.heard({ type: "upload_done", upload_id, image: { id: "x" } });
  assert.deepEqual(await done, { id: "x" });
  assert.equal(shares.at(-1), 0.9);
});

test("a lost connection pauses an upload, a new one asks where to go on, and giving up is told", async () => {
  const line = wire();
  const uploads = new Uploads(line);
  const controller = new AbortController();
  const done = uploads.take(new Blob([new Uint8Array(10)], { type: "image/png" }), { signal: controller.signal });
  while (!line.state.frames.length) await settled();
  line.state.up = false;
  uploads.lost();
  line.state.up = true;
  uploads.online();
  assert.deepEqual(line.state.frames.map((frame) => frame.type), ["upload", "upload"]);
  controller.abort();
  await assert.rejects(done, { reason: "ABORTED" });
  assert.equal(line.state.frames.at(-1).type, "upload_cancel");
});

test("a server without uploads is told apart from one that refuses", async () => {
  for (const [error, reason] of [
    [{ reason: "UNKNOWN_FRAME", message: "?" }, "UPLOAD_UNSUPPORTED"],
    [{ reason: "PICTURE_TOO_LARGE", message: "no", retryable: false }, "PICTURE_TOO_LARGE"],
  ]) {
    const line = wire();
    const uploads = new Uploads(line);
    const done = uploads.take(new Blob([new Uint8Array(10)], { type: "image/png" }), {});
    while (!line.state.frames.length) await settled();
    uploads.refused(error.reason === "UNKNOWN_FRAME" ? error : { ...error, upload_id: line.state.frames[0].upload_id });
    await assert.rejects(done, { reason });
  }
});
