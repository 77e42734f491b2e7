import assert from "node:assert/strict";
import { test } from "node:test";

import { Client, connect, StickerdeskError } from "../../../gateway/web/sdk/index.js";

/** A platform's socket that the test holds in its hand. */
class Socket {
  static all = [];
  readyState = 0;
  sent = [];

  constructor(url, protocol) {
    Object.assign(this, { url, protocol });
    Socket.all.push(this);
  }

  send(data) {
    this.sent.push(JSON.parse(data));
  }

  close(code) {
    this.readyState = 3;
    this.closedWith = code;
  }

  open() {
    this.readyState = 1;
    this.onopen({});
  }

  say(frame) {
    this.onmessage({ data: JSON.stringify(frame) });
  }

  welcome() {
    this.open();
    const head = { conversation: "c", epoch: "e", last_seq: 0, heartbeat_s: 25, token: "tok", resumed: false };
    this.say({ type: "welcome", ...head, language: "en", state: "open" });
    this.say({ type: "caught_up", last_seq: 0 });
  }
}

class MemoryStorage {
  getItem(key) {
    return Object.hasOwn(this, key) ? this[key] : null;
  }

  setItem(key, value) {
    this[key] = String(value);
  }

  removeItem(key) {
    delete this[key];
  }
}

const options = (more = {}) => ({ url: "https://desk.example", WebSocket: Socket, storage: new MemoryStorage(), ...more });
const socket = () => Socket.all.at(-1);

test("an emoji that is cut in two breaks no frame", async () => {
  const client = connect(options());
  socket().welcome();
  const half = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;
  for (let more = 0; more < 4; more += 1) void client.suggest("😂".repeat(100) + "x".repeat(more));
  client.feedback({ sticker: "p/a", kind: "clicked", position: 0, text: `${"😂".repeat(100)}x` });
  client.send({ text: "cut \uD83D here" });
  const said = socket().sent.filter(({ type }) => ["suggest", "feedback", "message"].includes(type)).map(({ text }) => text);
  assert.equal(said.length, 6);
  assert.deepEqual(said.filter((text) => half.test(text)), []);
  assert.equal(said[1], `${"😂".repeat(99)}x`); // cut, and not marked as broken
  assert.equal(said.at(-1), "cut \uFFFD here");
  client.close();
});

test("a server's address becomes its socket's, with the protocol's name", () => {
  const client = connect(options());
  assert.deepEqual([socket().url, socket().protocol], ["wss://desk.example/v1/ws", "stickerdesk.v1"]);
  client.close();
});

test("what is not an address, or no WebSocket, is refused with a reason", () => {
  assert.throws(() => new Client(options({ url: "ftp://x" })), { name: "StickerdeskError", reason: "BAD_URL" });
  assert.throws(() => new Client({ url: "https://x", WebSocket: null }), { reason: "NO_WEBSOCKET" });
});

test("empty, double and too long messages are refused before they are sent", () => {
  const client = connect(options());
  for (const content of [{}, { text: "  " }, { text: "a", sticker: "b" }]) {
    assert.throws(() => client.send(content), StickerdeskError);
  }
  assert.throws(() => client.send({ text: "好".repeat(4001) }), { reason: "TEXT_TOO_LONG" });
  client.close();
});

test("a message that a page left behind is sent by the next page under its id", () => {
  const storage = new MemoryStorage();
  const first = connect(options({ storage }));
  const id = first.send({ text: "hello" });
  first.close();
  const second = connect(options({ storage }));
  socket().welcome();
  assert.deepEqual(socket().sent.filter((f) => f.type === "message").map((f) => f.client_msg_id), [id]);
  socket().say({ type: "ack", client_msg_id: id, seq: 1, duplicate: false, turn: "t" });
  assert.deepEqual(Object.keys(storage), ["stickerdesk:desk.example:token"]);
  second.close();
});

test("a token is kept per server", () => {
  const storage = new MemoryStorage();
  const client = connect(options({ storage }));
  socket().welcome();
  client.close();
  const other = connect(options({ storage, url: "https://elsewhere.example" }));
  socket().open();
  assert.equal(socket().sent[0].token, undefined);
  other.close();
});

test("a shop that is named goes with the address, and what is kept is kept for it apart", () => {
  const storage = new MemoryStorage();
  for (const [more, tenant] of [[{ tenant: "acme" }, "acme"], [{ url: "https://desk.example/?tenant=beta" }, "beta"]]) {
    const client = connect(options({ storage, ...more }));
    assert.equal(socket().url, `wss://desk.example/v1/ws?tenant=${tenant}`);
    assert.equal(client.tenant, tenant);
    socket().welcome();
    assert.equal(storage.getItem(`stickerdesk:desk.example/${tenant}:token`), "tok");
    client.draft = `words for ${tenant}`;
    client.close();
  }
  const nobody = new Client(options({ storage }));
  assert.deepEqual([nobody.tenant, nobody.known, nobody.draft], [undefined, false, ""]);
  assert.equal(new Client(options({ storage, tenant: "acme" })).draft, "words for acme");
});

test("an outage behind the edge is told, and its end", () => {
  const client = connect(options());
  const heard = [];
  client.on("service", ({ available }) => heard.push(available));
  socket().welcome();
  socket().say({ type: "service", available: false });
  socket().say({ type: "service", available: true });
  assert.deepEqual(heard, [false, true]);
  assert.equal(client.state, "online");
  client.close();
});

test("a storage that refuses changes nothing but the memory", () => {
  const refusing = { getItem: () => null, setItem: () => { throw new Error("quota"); }, removeItem: () => {} };
  const client = connect(options({ storage: refusing }));
  socket().welcome();
  assert.equal(client.known, true);
  client.close();
});

test("a newer question for stickers supersedes an older one", async () => {
  const client = connect(options());
  socket().welcome();
  const older = client.suggest("ha");
  const newer = client.suggest("haha");
  const [, asked] = socket().sent.filter((f) => f.type === "suggest");
  socket().say({ type: "suggestions", suggest_id: asked.suggest_id, stickers: [{ id: "p/a" }] });
  assert.deepEqual([await older, await newer], [null, [{ id: "p/a" }]]);
  client.close();
});

test("typing is told once in a while, and its end once", () => {
  const client = connect(options());
  socket().welcome();
  [true, true, true, false, false].forEach((active) => client.typing(active));
  assert.deepEqual(socket().sent.filter((f) => f.type === "typing").map((f) => f.active), [true, false]);
  client.close();
});

test("a socket that was let go is not listened to", () => {
  const client = connect(options());
  const old = socket();
  old.welcome();
  client.renew();
  const heard = [];
  client.on("entry", (entry) => heard.push(entry));
  old.say({ type: "entry", seq: 1, at: "2026-01-01T00:00:00Z", author: "assistant", text: "late" });
  assert.deepEqual(heard, []);
  client.close();
});

test("listeners hear their event until they stop, and a star hears all", () => {
  const client = connect(options());
  const heard = [];
  const stop = client.on("caught_up", () => heard.push("one"));
  client.on("*", (_data, event) => event === "caught_up" && heard.push("star"));
  socket().welcome();
  stop();
  socket().say({ type: "caught_up", last_seq: 0 });
  assert.deepEqual(heard, ["one", "star", "star"]);
  client.close();
});
