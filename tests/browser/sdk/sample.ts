/** Uses every part of the SDK as a page of one's own would; `tsc --noEmit --strict` must find nothing wrong. */

import { Client, connect, MAX_PICTURE_BYTES, MAX_TEXT_CHARS, PICTURE_TYPES, Status, StickerdeskError, Verdict, verdictOf } from "@stickerdesk/sdk";
import type { Card, Entry, Events, Form, OutgoingMessage } from "@stickerdesk/sdk";

const desk: Client = connect({
  url: "https://desk.example.com",
  locale: "zh-CN",
  storage: null,
  refreshToken: async () => (await fetch("/token")).text(),
});

function sum(card: Card): string {
  switch (card.kind) {
    case "order":
      return (card.parcels ?? []).map((parcel) => `${parcel.carrier} ${parcel.progress}`).join() + (card.total?.minor ?? 0);
    case "ticket":
      return card.text + (card.reply_by ?? "");
    case "coupon":
      return card.code + (card.amount?.currency ?? "");
  }
}

const question = (form: Form): string => form.title + (form.choices ?? []).map(({ label }) => label).join();

const off: () => void = desk.on("entry", (entry: Entry) => {
  console.log(entry.author, entry.text, (entry.cards ?? []).map(sum), entry.form && question(entry.form), entry.revision?.target);
  desk.markRead(entry.seq);
});
desk.on("state", ({ state, offline, retry_in_ms }) => console.log(state === Status.ONLINE, offline, retry_in_ms ?? 0));
desk.on("receipt", ({ reader, read }) => console.log(reader === "agent", read));
desk.on("queue", ({ position, wait_s }) => console.log(position, wait_s ?? 0));
desk.on("message", (message: OutgoingMessage) => message.status === "failed" && desk.retry(message.client_msg_id));
desk.on("*", (_data, event) => console.log(event));
const latency = (event: Events["latency"]): number => event.ms;
desk.on("latency", latency);

// @ts-expect-error there is no such event
desk.on("entries", () => {});
// @ts-expect-error a message is one of three things
desk.send({ text: "a", volume: 11 });
// @ts-expect-error and of only one
desk.send({ text: "a", sticker: "noto-emoji/1f600" });
// @ts-expect-error a score is from 1 to 5
void desk.rate({ score: 6 });

export async function all(file: File): Promise<void> {
  const id: string = desk.send({ text: "快递三天没更新了".slice(0, MAX_TEXT_CHARS) });
  desk.discard(id);
  desk.send({ sticker: "noto-emoji/1f600" });
  const controller = new AbortController();
  if (file.size <= MAX_PICTURE_BYTES && PICTURE_TYPES.includes(file.type)) {
    const image = await desk.uploadImage(file, { onProgress: (share: number) => console.log(share), signal: controller.signal });
    desk.send({ image: image.id });
  }
  const { entries, has_more } = await desk.history({ before: desk.lastSeq, limit: 20 });
  console.log(entries[0]?.seq, has_more, desk.readSeq, desk.pending.length, desk.known, desk.conversation);
  const stickers = await desk.suggest("谢谢", { limit: 4 });
  desk.feedback({ sticker: stickers?.[0]?.id ?? "", kind: "clicked", position: 0 });
  desk.typing(true);
  desk.draft = "half a sentence";
  desk.stop();
  try {
    await desk.rate({ score: 5, comment: "quick" });
  } catch (error) {
    if (error instanceof StickerdeskError && error.reason === "TIMEOUT") console.log(error.message);
  }
  desk.renew({ forgetVisitor: true });
  off();
  desk.close();
  console.log(verdictOf(1012) === Verdict.RECONNECT);
}
