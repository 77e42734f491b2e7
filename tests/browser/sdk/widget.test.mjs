import assert from "node:assert/strict";
import { test } from "node:test";

import { parse, parseInline, safeHref } from "../../../gateway/web/widget/markdown.js";
import { pickLanguage, STRINGS } from "../../../gateway/web/widget/strings.js";
import { saysGoodbye } from "../../../gateway/web/widget/conversation.js";
import { moment, moneyText } from "../../../gateway/web/widget/money.js";
import { Transcript } from "../../../gateway/web/widget/transcript.js";

const AT = "2026-01-05T10:00:00Z";
const entry = (seq, author, more = {}) => ({ seq, author, at: AT, text: `n${seq}`, ...more });
const shape = (transcript) => transcript.rows().filter((row) => row.kind !== "day").map((row) => `${row.kind}:${row.key}`);

test("paragraphs, lists, bold, code and links are read, and the rest is text", () => {
  const blocks = parse("Hi **you**\nthere\n\n- one\n- two `x`\n\n3. three\n[site](https://a.b/c)");
  assert.deepEqual(blocks.map((block) => block.kind), ["paragraph", "list", "list", "paragraph"]);
  assert.deepEqual(blocks[0].lines[0], [{ kind: "text", text: "Hi " }, { kind: "bold", text: "you" }]);
  assert.deepEqual([blocks[2].ordered, blocks[2].start], [true, 3]);
  assert.deepEqual(blocks[3].lines[0], [{ kind: "link", text: "site", href: "https://a.b/c" }]);
});

test("a script is no address", () => {
  for (const target of ["javascript:alert(1)", "data:text/html,x", "vbscript:x", " javascript:x", "//x"]) {
    assert.equal(safeHref(target), null, target);
  }
  assert.deepEqual(parseInline("[a](javascript:alert(1))")[0].kind, "text");
});

test("a bare address ends before Chinese punctuation", () => {
  assert.deepEqual(parseInline("见 https://a.b/c，谢谢").map((span) => span.text), ["见 ", "https://a.b/c", "，谢谢"]);
});

test("half of a bold mark, as in an answer that is being written, stays text", () => {
  assert.deepEqual(parseInline("a **b"), [{ kind: "text", text: "a **b" }]);
});

test("a message keeps its row while it becomes an entry", () => {
  const transcript = new Transcript();
  transcript.message({ client_msg_id: "a", text: "hi", at: Date.parse(AT), status: "sending" });
  const before = shape(transcript);
  transcript.entry(entry(1, "customer", { client_msg_id: "a" }));
  assert.deepEqual([before, shape(transcript)], [["message:m:a"], ["message:m:a"]]);
});

test("an answer keeps its row while it becomes an entry, and a second entry of its turn gets its own", () => {
  const transcript = new Transcript();
  transcript.typing({ author: "assistant", active: true, turn: "t" });
  assert.deepEqual(shape(transcript), ["typing:typing:assistant"]);
  transcript.draft({ turn: "t", text: "He" });
  assert.deepEqual(shape(transcript), ["draft:t:t"]);
  transcript.entry(entry(1, "assistant", { turn: "t" }));
  transcript.entry(entry(2, "assistant", { turn: "t" }));
  assert.deepEqual(shape(transcript), ["message:t:t", "message:e:2"]);
  assert.equal(transcript.turn, null);
});

test("a late sent-notice does not double a message whose entry is there", () => {
  const transcript = new Transcript();
  transcript.entry(entry(1, "customer", { client_msg_id: "a" }));
  transcript.message({ client_msg_id: "a", text: "hi", at: 0, status: "sent" });
  assert.equal(shape(transcript).length, 1);
});

test("a gap stands where the entries are missing", () => {
  const transcript = new Transcript();
  transcript.entry(entry(1, "assistant"));
  transcript.gap({ from_seq: 2, to_seq: 9, reason: "replay_limit" });
  transcript.entry(entry(10, "assistant"));
  assert.deepEqual(shape(transcript), ["message:e:1", "gap:gap:9", "message:e:10"]);
});

test("a reset keeps what is still true and what is on its way", () => {
  const transcript = new Transcript();
  [1, 2, 3].forEach((seq) => transcript.entry(entry(seq, "assistant")));
  transcript.message({ client_msg_id: "a", text: "hi", at: 0, status: "queued" });
  transcript.reset(1);
  assert.deepEqual(shape(transcript), ["message:e:1", "message:m:a"]);
});

test("only the last word offers quick replies, and not while an answer is on its way", () => {
  const transcript = new Transcript();
  transcript.entry(entry(1, "assistant"));
  transcript.entry(entry(2, "assistant"));
  const fresh = () => transcript.rows().filter((row) => row.fresh).map((row) => row.key);
  assert.deepEqual(fresh(), ["e:2"]);
  transcript.typing({ author: "assistant", active: true, turn: "t" });
  assert.deepEqual(fresh(), []);
});

test("both languages say the same things", () => {
  assert.deepEqual(Object.keys(STRINGS.zh).sort(), Object.keys(STRINGS.en).sort());
});

test("the first language that we speak is taken", () => {
  assert.deepEqual(pickLanguage(["fr-FR", "zh-TW", "en"]), { language: "zh", locale: "zh-TW" });
  assert.deepEqual(pickLanguage(["fr"]), { language: "en", locale: "en" });
});

test("ticks rise, revisions change what stands, and what is taken back loses its words", () => {
  const transcript = new Transcript();
  transcript.entry(entry(1, "customer", { client_msg_id: "a" }));
  transcript.receipt({ reader: "assistant", delivered: 1, read: 0 });
  transcript.receipt({ reader: "customer", delivered: 1, read: 1 });
  const data = () => transcript.rows().filter((row) => row.kind === "message").map((row) => row.data);
  assert.equal(data()[0].mark, "delivered");
  transcript.entry(entry(2, "agent", { cards: [{ kind: "coupon" }] }));
  transcript.entry({ ...entry(4, "agent"), revision: { target: 2, kind: "retracted" } });
  transcript.entry({ ...entry(3, "agent"), revision: { target: 2, kind: "edited", text: "older" } });
  assert.deepEqual([data().length, data()[1].text, data()[1].cards, data()[1].retracted], [2, undefined, undefined, true]);
});

test("history fills a gap from its end, and the rest stays to be asked for", () => {
  const transcript = new Transcript();
  transcript.gap({ from_seq: 1, to_seq: 4, reason: "replay_limit" });
  transcript.entry(entry(5, "assistant"));
  assert.equal(transcript.more, 5);
  transcript.earlier(5, { entries: [entry(3, "assistant"), entry(4, "assistant")], has_more: true });
  assert.equal(transcript.more, 3);
  transcript.earlier(3, { entries: [entry(1, "assistant"), entry(2, "assistant")], has_more: false });
  assert.deepEqual([transcript.more, shape(transcript).length], [null, 5]);
  transcript.earlier(1, { entries: [], has_more: false });
  assert.equal(shape(transcript).length, 5);
});

test("a goodbye is told from talk about goodbyes", () => {
  for (const text of ["bye", "Thanks, bye!", "ok thank you goodbye", "再见", "好的，谢谢，拜拜", "没有了"]) assert.ok(saysGoodbye(text), text);
  for (const text of ["where is my parcel", "88 yuan?".repeat(20), "say goodbye to my money", "byebug"]) assert.ok(!saysGoodbye(text), text);
});

test("money and moments are written as the reader does, and nonsense stays harmless", () => {
  assert.equal(moneyText({ minor: 25800, currency: "CNY" }, "zh-CN"), "¥258.00");
  assert.equal(moneyText({ minor: 500, currency: "JPY" }, "en"), "¥500");
  assert.equal(moneyText({ minor: 5, currency: "nonsense" }, "en"), "0.05 nonsense");
  assert.deepEqual([moment("never", "en"), moment(undefined, "en")], ["", ""]);
});
