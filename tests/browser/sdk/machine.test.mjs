import assert from "node:assert/strict";
import { test } from "node:test";

import { Machine, Status } from "../../../gateway/web/sdk/machine.js";

const HEARTBEAT_S = 25;

/** A machine with a clock, whose effects are kept apart by kind. */
class Rig {
  constructor(options = {}) {
    this.now = 1_000_000;
    this.machine = new Machine({ locale: "en", random: () => 0.5, ...options });
    this.log = [];
    this.token = null;
  }

  run(effects) {
    for (const effect of effects) if (effect.do === "token") this.token = effect.token;
    this.log.push(...effects);
    return effects;
  }

  start() {
    return this.run(this.machine.start(this.now));
  }

  frame(type, fields = {}) {
    return this.run(this.machine.frame({ type, ...fields }, this.now));
  }

  welcome(fields = {}) {
    this.run(this.machine.opened(this.token, this.now));
    return this.frame("welcome", {
      conversation: "c1", epoch: "e1", last_seq: 0, heartbeat_s: HEARTBEAT_S, token: "tok", resumed: false,
      language: "en", state: "open", ...fields,
    });
  }

  online(fields) {
    if (this.machine.status === Status.IDLE) this.start();
    this.welcome(fields);
    return this.frame("caught_up", { last_seq: 0 });
  }

  closed(code, reason = "") {
    return this.run(this.machine.closed(code, reason, this.now));
  }

  send(id, text = id) {
    return this.run(this.machine.send({ client_msg_id: id, text }, this.now));
  }

  wait(ms) {
    this.now += ms;
    return this.run(this.machine.tick(this.now));
  }

  /** Lets the time pass until the machine wants to act. */
  untilDue() {
    return this.wait(Math.max(0, this.machine.due() - this.now));
  }
}

const sent = (effects, type) => effects.filter((e) => e.do === "send" && e.frame.type === type).map((e) => e.frame);
const told = (effects, event) => effects.filter((e) => e.do === "emit" && e.event === event).map((e) => e.data);
const entry = (seq, more = {}) => ({ seq, at: "2026-01-01T00:00:00Z", author: "assistant", text: `n${seq}`, ...more });

test("a new visitor says hello without a token and keeps the one that is given", () => {
  const rig = new Rig();
  assert.equal(rig.start().at(-1).do, "open");
  const [hello] = sent(rig.run(rig.machine.opened(null, rig.now)), "hello");
  assert.equal(hello.token, undefined);
  assert.equal("last_seq" in hello, false);
  rig.online();
  assert.equal(rig.token, "tok");
  assert.equal(rig.machine.status, Status.ONLINE);
});

test("a reconnect resumes from the last entry that was seen", () => {
  const rig = new Rig();
  rig.online();
  rig.frame("entry", entry(1));
  rig.frame("entry", entry(2));
  rig.closed(1006);
  assert.equal(rig.machine.status, Status.WAITING);
  rig.untilDue();
  const [hello] = sent(rig.run(rig.machine.opened("tok", rig.now)), "hello");
  assert.deepEqual([hello.conversation, hello.last_seq, hello.epoch], ["c1", 2, "e1"]);
});

test("an entry that comes twice is told once", () => {
  const rig = new Rig();
  rig.online();
  const first = rig.frame("entry", entry(1));
  const second = rig.frame("entry", entry(1));
  assert.equal(told(first, "entry").length, 1);
  assert.equal(told(second, "entry").length, 0);
});

test("a hole is asked for once, and the entry behind it waits for the replay", () => {
  const rig = new Rig();
  rig.online();
  rig.frame("entry", entry(1));
  const effects = rig.frame("entry", entry(3));
  assert.equal(told(effects, "entry").length, 0);
  assert.deepEqual(sent(effects, "resume"), [{ type: "resume", conversation: "c1", last_seq: 1, epoch: "e1" }]);
  rig.welcome({ last_seq: 3 });
  const seqs = [2, 3].flatMap((seq) => told(rig.frame("entry", entry(seq)), "entry")).map(({ seq }) => seq);
  assert.deepEqual(seqs, [2, 3]);
});

test("a hole that a replay does not fill ends the connection instead of asking for ever", () => {
  const rig = new Rig();
  rig.online();
  rig.frame("entry", entry(2));
  const effects = rig.frame("entry", entry(2));
  assert.equal(effects.find((e) => e.do === "close").code, 4408);
  assert.equal(rig.machine.status, Status.WAITING);
});

test("a gap is told and passed over", () => {
  const rig = new Rig();
  rig.start();
  rig.welcome({ last_seq: 300 });
  const effects = rig.frame("gap", { from_seq: 1, to_seq: 100, reason: "replay_limit" });
  assert.deepEqual(told(effects, "gap")[0], { from_seq: 1, to_seq: 100, reason: "replay_limit" });
  assert.equal(told(rig.frame("entry", entry(101)), "entry").length, 1);
});

test("another epoch voids everything, and the new journal is told from its start", () => {
  const rig = new Rig();
  rig.online();
  rig.frame("entry", entry(1));
  rig.closed(1012);
  rig.untilDue();
  const effects = rig.welcome({ epoch: "e2", last_seq: 1 });
  assert.deepEqual(told(effects, "reset"), [{ reason: "epoch_changed", keep: 0 }]);
  rig.frame("gap", { from_seq: 1, to_seq: 0, reason: "epoch_changed" });
  assert.equal(told(rig.frame("entry", entry(1)), "entry").length, 1);
});

test("a client ahead of the journal forgets only what the journal does not have", () => {
  const rig = new Rig();
  rig.online();
  [1, 2, 3].forEach((seq) => rig.frame("entry", entry(seq)));
  rig.closed(1006);
  rig.untilDue();
  rig.welcome({ last_seq: 2 });
  const effects = rig.frame("gap", { from_seq: 3, to_seq: 3, reason: "ahead_of_journal" });
  assert.deepEqual(told(effects, "reset"), [{ reason: "ahead_of_journal", keep: 2 }]);
  assert.deepEqual(told(effects, "gap"), []);
  assert.equal(told(rig.frame("entry", entry(3, { text: "other" })), "entry")[0].text, "other");
});

test("messages go one at a time, in order, and wait for caught_up", () => {
  const rig = new Rig();
  rig.send("a");
  rig.send("b");
  rig.start();
  assert.deepEqual(sent(rig.welcome(), "message"), []);
  assert.deepEqual(sent(rig.frame("caught_up", { last_seq: 0 }), "message").map((m) => m.client_msg_id), ["a"]);
  const after = rig.frame("ack", { client_msg_id: "a", seq: 1, duplicate: false, turn: "t" });
  assert.deepEqual(sent(after, "message").map((m) => m.client_msg_id), ["b"]);
  assert.deepEqual(after.filter((e) => e.do === "drop"), [{ do: "drop", id: "a", sent: true }]);
});

test("a message that was in flight when the connection broke is sent again under the same id", () => {
  const rig = new Rig();
  rig.online();
  rig.send("a");
  rig.closed(1006);
  rig.untilDue();
  assert.deepEqual(sent(rig.online(), "message").map((m) => m.client_msg_id), ["a"]);
});

test("a message whose entry is in the replay is not sent again", () => {
  const rig = new Rig();
  rig.online();
  rig.send("a");
  rig.closed(1006);
  rig.untilDue();
  rig.welcome({ last_seq: 1 });
  rig.frame("entry", entry(1, { author: "customer", client_msg_id: "a" }));
  assert.deepEqual(sent(rig.frame("caught_up", { last_seq: 1 }), "message"), []);
  assert.deepEqual(rig.machine.outbox.list(), []);
});

test("a message without an ack is sent again after a while", () => {
  const rig = new Rig();
  rig.online();
  rig.send("a");
  rig.wait(19_000);
  rig.frame("pong", { t: rig.now });
  assert.deepEqual(sent(rig.wait(1_500), "message").map((m) => m.client_msg_id), ["a"]);
});

test("a retryable refusal is retried no sooner than the server asks", () => {
  const rig = new Rig();
  rig.online();
  rig.send("a");
  rig.send("b");
  const refusal = { code: 429, reason: "RATE_LIMITED", message: "slow", retryable: true, retry_after_ms: 3000 };
  assert.deepEqual(sent(rig.frame("error", { ...refusal, client_msg_id: "a" }), "message"), []);
  assert.deepEqual(sent(rig.wait(2_900), "message"), []);
  assert.deepEqual(sent(rig.wait(200), "message").map((m) => m.client_msg_id), ["a"]);
});

test("a final refusal fails that message, tells why and lets the next one go", () => {
  const rig = new Rig();
  rig.online();
  rig.send("a");
  rig.send("b");
  const refusal = { code: 413, reason: "TEXT_TOO_LONG", message: "Shorten it.", retryable: false, client_msg_id: "a" };
  const effects = rig.frame("error", refusal);
  const failed = told(effects, "message")[0];
  assert.deepEqual([failed.status, failed.reason, failed.detail], ["failed", "TEXT_TOO_LONG", "Shorten it."]);
  assert.deepEqual(sent(effects, "message").map((m) => m.client_msg_id), ["b"]);
});

test("a failed message is retried under its id, but after a conflict under a new one", () => {
  const rig = new Rig();
  rig.online();
  for (const [id, reason, expected] of [["a", "INTERNAL", "a"], ["b", "MESSAGE_ID_CONFLICT", "fresh"]]) {
    rig.send(id);
    rig.frame("error", { code: 500, reason, message: "", retryable: false, client_msg_id: id });
    const again = sent(rig.run(rig.machine.retry(id, "fresh", rig.now)), "message");
    assert.deepEqual(again.map((m) => m.client_msg_id), [expected]);
    rig.frame("ack", { client_msg_id: expected, seq: 1, duplicate: false, turn: "t" });
  }
});

test("an answer's pieces add up, a higher attempt begins again, and a piece out of turn is ignored", () => {
  const rig = new Rig();
  rig.online();
  const draft = (attempt, index, text) => told(rig.frame("delta", { turn: "t", attempt, index, text }), "draft")[0]?.text;
  assert.equal(draft(1, 0, "He"), "He");
  assert.equal(draft(1, 2, "!!"), undefined);
  assert.equal(draft(1, 1, "llo"), "Hello");
  assert.equal(draft(2, 0, "Good day"), "Good day");
  assert.equal(draft(1, 2, "?"), undefined);
});

test("back-off grows with full jitter and starts over after a connection that held", () => {
  const rig = new Rig({ random: () => 1 });
  rig.start();
  const waits = [];
  for (let i = 0; i < 8; i += 1) {
    waits.push(told(rig.closed(1006), "state")[0].retry_in_ms);
    rig.untilDue();
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 16000, 20000, 20000]);
  rig.online();
  rig.now += 11_000;
  assert.equal(told(rig.closed(1006), "state")[0].retry_in_ms, 500);
});

test("a draining server's hint and a rate limit set the least wait", () => {
  const rig = new Rig({ random: () => 0 });
  rig.online();
  assert.equal(told(rig.closed(1012, "retry_after_ms=2345"), "state")[0].retry_in_ms, 2345);
  rig.untilDue();
  assert.equal(told(rig.closed(4429), "state")[0].retry_in_ms, 5000);
});

for (const code of [1000, 1009, 4400, 4401, 4413]) {
  test(`close ${code} stops until a person asks again`, () => {
    const rig = new Rig();
    rig.online();
    rig.closed(code);
    assert.equal(rig.machine.status, Status.STOPPED);
    assert.equal(rig.machine.due(), null);
    assert.equal(rig.start().at(-1).do, "open");
  });
}

for (const code of [1006, 1012, 4408, 4409, 4410, 4429, 4503]) {
  test(`close ${code} reconnects`, () => {
    const rig = new Rig();
    rig.online();
    rig.closed(code);
    assert.equal(rig.machine.status, Status.WAITING);
    assert.equal(rig.untilDue().at(-1).do, "open");
  });
}

test("an invalid token is forgotten", () => {
  const rig = new Rig();
  rig.online();
  rig.frame("error", { code: 401, reason: "TOKEN_INVALID", message: "", retryable: false });
  rig.closed(4401);
  assert.equal(rig.token, null);
});

test("an expired token is replaced at once, and messages on their way are kept for the new visitor", () => {
  const rig = new Rig();
  rig.online();
  rig.frame("entry", entry(1));
  rig.send("a");
  rig.frame("error", { code: 403, reason: "TOKEN_EXPIRED", message: "", retryable: false });
  const effects = rig.closed(4403);
  assert.equal(effects.at(-1).do, "open");
  assert.equal(rig.token, null);
  assert.deepEqual(told(effects, "reset"), [{ reason: "conversation_left", keep: 0 }]);
  assert.deepEqual(sent(rig.online({ conversation: "c2", token: "new" }), "message").map((m) => m.client_msg_id), ["a"]);
});

test("a conversation that may not be entered is left without forgetting the visitor", () => {
  const rig = new Rig();
  rig.online();
  rig.frame("error", { code: 403, reason: "CONVERSATION_FORBIDDEN", message: "", retryable: false });
  rig.closed(4403);
  assert.equal(rig.token, "tok");
  const [hello] = sent(rig.run(rig.machine.opened("tok", rig.now)), "hello");
  assert.equal(hello.conversation, undefined);
});

test("a server that always says expired is not asked for ever", () => {
  const rig = new Rig();
  rig.start();
  for (let i = 0; i < 3; i += 1) rig.closed(4403);
  assert.equal(rig.machine.status, Status.STOPPED);
});

test("silence is answered by a ping, and silence after that by a new connection", () => {
  const rig = new Rig();
  rig.online();
  assert.equal(sent(rig.wait(HEARTBEAT_S * 1500), "ping").length, 1);
  const effects = rig.wait(5_000);
  assert.equal(effects.find((e) => e.do === "close").code, 4408);
  assert.equal(rig.machine.status, Status.WAITING);
});

test("the server's ping is answered with its own time", () => {
  const rig = new Rig();
  rig.online();
  assert.deepEqual(sent(rig.frame("ping", { t: 42 }), "pong"), [{ type: "pong", t: 42 }]);
});

test("no answer to the handshake is a reason to come back later", () => {
  const rig = new Rig();
  rig.start();
  rig.wait(15_000);
  assert.equal(rig.machine.status, Status.WAITING);
});

test("a greeting is waited for longer than the edge keeps it in line", () => {
  const rig = new Rig();
  rig.start();
  rig.run(rig.machine.opened(null, rig.now));
  rig.wait(24_000);
  assert.equal(rig.machine.status, Status.CONNECTING);
  rig.wait(1_000);
  assert.equal(rig.machine.status, Status.WAITING);
});

test("offline asks for proof, online comes back at once", () => {
  const rig = new Rig();
  rig.online();
  const effects = rig.run(rig.machine.wentOffline(rig.now));
  assert.equal(sent(effects, "ping").length, 1);
  assert.equal(told(effects, "state").at(-1).offline, true);
  rig.closed(1006);
  assert.equal(rig.run(rig.machine.wentOnline(rig.now)).some((e) => e.do === "open"), true);
});

for (const [token, conversation] of [["renewed", "c1"], [null, undefined]]) {
  test(`a token that another tab made ${token} is obeyed`, () => {
    const rig = new Rig();
    rig.online();
    rig.closed(1006);
    rig.untilDue();
    const [hello] = sent(rig.run(rig.machine.opened(token, rig.now)), "hello");
    assert.deepEqual([hello.token ?? null, hello.conversation], [token, conversation]);
  });
}

test("messages that an earlier page left are sent again in the order of writing", () => {
  const left = [
    { client_msg_id: "b", text: "two", at: 2, status: "sending" },
    { client_msg_id: "a", text: "one", at: 1, status: "sent" },
    { client_msg_id: "x", text: "bad", at: 0, status: "failed", reason: "INTERNAL" },
    { nonsense: true },
  ];
  const rig = new Rig({ outbox: left });
  const ids = sent(rig.online(), "message").map((m) => m.client_msg_id);
  ids.push(...sent(rig.frame("ack", { client_msg_id: "a", seq: 1, duplicate: true, turn: "t" }), "message").map((m) => m.client_msg_id));
  assert.deepEqual(ids, ["a", "b"]);
});

test("frames that are unknown or broken change nothing", () => {
  const rig = new Rig();
  rig.online();
  assert.deepEqual(rig.run(rig.machine.frame(null, rig.now)), []);
  assert.deepEqual(rig.frame("novelty", { a: 1 }), []);
  assert.equal(rig.machine.status, Status.ONLINE);
});

test("any order of drops, repeats and refusals loses nothing and doubles nothing", () => {
  let seed = 7;
  const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
  const rig = new Rig({ random });
  const journal = [];
  const seen = [];
  const server = (effects) => {
    for (const data of told(effects, "entry")) seen.push(data.client_msg_id);
    for (const frame of sent(effects, "message")) {
      if (random() < 0.2) continue;
      if (!journal.includes(frame.client_msg_id)) journal.push(frame.client_msg_id);
      if (random() < 0.3) continue;
      const seq = journal.indexOf(frame.client_msg_id) + 1;
      server(rig.frame("ack", { client_msg_id: frame.client_msg_id, seq, duplicate: false, turn: "t" }));
    }
  };
  rig.start();
  const join = () => {
    const from = rig.machine.lastSeq;
    rig.welcome({ last_seq: journal.length });
    journal.slice(from).forEach((id, i) =>
      server(rig.frame("entry", entry(from + i + 1, { author: "customer", client_msg_id: id }))));
    server(rig.frame("caught_up", { last_seq: journal.length }));
  };
  join();
  const ids = Array.from({ length: 300 }, (_, i) => `m${i}`);
  for (const id of ids) {
    server(rig.send(id));
    if (random() < 0.3) {
      rig.closed(1006);
      rig.untilDue();
      join();
    }
  }
  for (let i = 0; i < 400 && rig.machine.outbox.list().length; i += 1) {
    rig.closed(1006);
    rig.untilDue();
    join();
  }
  rig.closed(1006);
  rig.untilDue();
  join();
  assert.deepEqual(journal, ids);
  assert.deepEqual(seen, ids);
});
