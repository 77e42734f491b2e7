import assert from "node:assert/strict";
import { test } from "node:test";

import { parse, parseInline, safeHref } from "../../../gateway/web/widget/markdown.js";
import { pickLanguage, STRINGS } from "../../../gateway/web/widget/strings.js";
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
