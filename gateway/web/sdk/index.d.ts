/** Stickerdesk's client: a support conversation that survives a bad network. */

export interface ConnectOptions {
  /** The server, `https://desk.example.com`; default: where the page comes from. */
  url?: string;
  /** Whose customer it is, on an edge of several shops; default: what `?tenant=` in the url or the page's origin says. */
  tenant?: string;
  /** A visitor's token from your own back end; default: the stored one, or a new visitor. */
  token?: string;
  /** BCP 47 tag of the language to speak. */
  locale?: string;
  /** Where token and unsent messages survive a reload; default `localStorage`, null for nowhere. */
  storage?: Storage | null;
  /** Who calls, for the server's records. */
  client?: string;
  /** A WebSocket class, where the platform has none (Node before 22). */
  WebSocket?: unknown;
  /** Randomness of the back-off, from 0 to 1; for tests. */
  random?: () => number;
  /** Gives the next token when one is about to end; default: the server makes a visitor's. */
  refreshToken?: () => Promise<string | null | undefined>;
}

export interface Sticker {
  id: string;
  /** Path on the server. */
  url: string;
  width: number;
  height: number;
  alt: { en: string; zh: string };
  emoji?: string;
  emotion?: string;
}

export interface Image {
  id: string;
  /** Paths on the server, good for some days; every entry brings fresh ones. */
  url: string;
  thumb_url: string;
  width: number;
  height: number;
  /** Whether the original was; its first frame is kept. */
  animated: boolean;
  caption?: { en: string; zh: string };
  text?: string;
}

export interface UploadedImage extends Image {
  media_type: string;
  size: number;
}

export interface UploadOptions {
  /** From 0 to 1. */
  onProgress?: (share: number) => void;
  signal?: AbortSignal;
}

export interface Citation {
  article: string;
  title: string;
}

export interface Money {
  /** Minor units, for example cents. */
  minor: number;
  /** ISO 4217. */
  currency: string;
}

export interface OrderCard {
  kind: "order";
  number: string;
  status: string;
  /** The status in the conversation's language. */
  status_text: string;
  placed_at?: string;
  total?: Money;
  lines?: Array<{ sku: string; title: string; quantity: number; unit?: Money }>;
  parcels?: Array<{
    tracking_number: string;
    carrier: string;
    status: "created" | "picked_up" | "in_transit" | "out_for_delivery" | "delivered" | "returned" | "lost" | (string & {});
    progress: string;
    last_scan?: string;
    last_scan_at?: string;
  }>;
}

export interface TicketCard {
  kind: "ticket";
  number: string;
  ticket_kind: string;
  status: "open" | "waiting_approval" | "resolved" | "closed" | (string & {});
  text: string;
  opened_at?: string;
  reply_by?: string;
  order_number?: string;
}

export interface CouponCard {
  kind: "coupon";
  code: string;
  amount?: Money;
  minimum?: Money;
  expires_at?: string;
}

/** Kinds that are unknown are to be skipped. */
export type Card = OrderCard | TicketCard | CouponCard;

/** The question of a form. An answer in words is as good as one by its input. */
export interface Form {
  form: string;
  title: string;
  /** Empty for the confirmation of the whole. */
  slot: string;
  input: "text" | "choice" | "date" | "time" | "number" | "email" | "phone" | "confirm" | (string & {});
  /** The value is sent as an ordinary text message. */
  choices?: Array<{ value: string; label: string }>;
  filled?: Array<{ slot: string; label: string; value: string }>;
}

export interface Revision {
  /** The entry that is changed. */
  target: number;
  kind: "edited" | "retracted";
  text?: string;
}

export interface Entry {
  seq: number;
  /** RFC 3339, UTC. */
  at: string;
  author: "customer" | "assistant" | "agent" | "system";
  client_msg_id?: string;
  turn?: string;
  text?: string;
  sticker?: Sticker;
  image?: Image;
  notice?: { kind: string; text: string };
  /** For an answer: the one to show beside it first, the rest to reply with. */
  stickers?: Sticker[];
  citations?: Citation[];
  emotion?: string;
  engine?: string;
  /** Name of the person of the shop who wrote it. */
  agent?: string;
  quick_replies?: string[];
  cards?: Card[];
  form?: Form;
  /** This entry says nothing itself: it changes another one. */
  revision?: Revision;
  /** On the answer to a picture: what was understood in it. */
  picture_understood?: { caption?: { en: string; zh: string }; text?: string; emotion?: string };
  /** Whether it is history and not news. */
  replayed: boolean;
}

/** What a message says: exactly one of a text, a sticker's id and an uploaded picture's id. */
export type Content =
  | { text: string; sticker?: never; image?: never }
  | { sticker: string; text?: never; image?: never }
  | { image: string; text?: never; sticker?: never };

export interface OutgoingMessage {
  client_msg_id: string;
  text?: string;
  /** A sticker's id. */
  sticker?: string;
  /** An uploaded picture's id. */
  image?: string;
  /** When it was written, in milliseconds since 1970. */
  at: number;
  status: "queued" | "sending" | "sent" | "failed";
  reason?: string;
  detail?: string;
  seq?: number;
}

export interface Events {
  /** `waiting` comes back by itself after `retry_in_ms`; `stopped` does not. */
  state: {
    state: "idle" | "connecting" | "online" | "waiting" | "stopped";
    offline: boolean;
    code?: number;
    reason?: string;
    retry_in_ms?: number;
    resumed?: boolean;
  };
  welcome: { conversation: string; epoch: string; last_seq: number; resumed: boolean; language: string; state: string };
  /** Once each, in order of seq. */
  entry: Entry;
  /** An answer that is being written, as far as it has come. Its `entry` follows, or its `turn_ended`. */
  draft: { turn: string; text: string };
  /** A message of ours changed its status. */
  message: OutgoingMessage;
  /** A message that was given up. */
  discarded: { client_msg_id: string };
  ack: { client_msg_id: string; seq: number; duplicate: boolean; turn: string };
  typing: { author: Entry["author"]; active: boolean; turn?: string };
  turn_ended: { turn: string; outcome: "answered" | "stopped" | "failed" | "attended" };
  /** Entries that cannot be had any more. */
  gap: { from_seq: number; to_seq: number; reason: string };
  /** Entries after `keep` are void: forget them. What is true follows. */
  reset: { reason: string; keep: number };
  caught_up: { last_seq: number };
  suggestions: { suggest_id: string; stickers: Sticker[] };
  error: {
    code: number;
    reason: string;
    message: string;
    retryable: boolean;
    retry_after_ms?: number;
    client_msg_id?: string;
    trace_id: string;
    field?: string;
  };
  latency: { ms: number };
  /** How far somebody got in the conversation. */
  receipt: { reader: "customer" | "assistant" | "agent"; delivered: number; read: number };
  /** The customer has seen everything up to here; `here` is false for another tab or device. */
  read: { seq: number; here: boolean };
  /** The place in the line for a person; 0: no longer waiting. */
  queue: { position: number; wait_s?: number };
  /** The service behind the edge is out of reach, or back; messages are kept meanwhile. */
  service: { available: boolean };
  /** The token ends; a new one is asked for at once. Unix seconds. */
  expiring: { expires_at: number };
  refreshed: { expires_at: number };
  /** Another tab writes. */
  draft_elsewhere: { text: string };
}

export class StickerdeskError extends Error {
  constructor(reason: string, message: string);
  readonly reason:
    | "EMPTY"
    | "TEXT_TOO_LONG"
    | "BAD_URL"
    | "NO_WEBSOCKET"
    | "NETWORK"
    | "ABORTED"
    | "TIMEOUT"
    | "PICTURE_EMPTY"
    | "PICTURE_TYPE_UNSUPPORTED"
    | "PICTURE_TOO_LARGE"
    | (string & {});
}

export class Client {
  constructor(options?: ConnectOptions);
  readonly state: Events["state"]["state"];
  readonly conversation: string | null;
  readonly lastSeq: number;
  /** Messages that are not acknowledged, oldest first. */
  readonly pending: OutgoingMessage[];
  /** Whether an earlier visit left a token. */
  readonly known: boolean;
  /** The last entry that the customer has seen, here, in another tab or on another device. */
  readonly readSeq: number;
  /** What the customer is writing; kept for the next page and shared with other tabs. */
  draft: string;
  /** Whose customer it is, where it is named. */
  readonly tenant: string | undefined;
  /** The language asked for from the next connection on. */
  locale: string | undefined;
  /** Connects, or connects again after a stop. */
  open(): this;
  /** Says goodbye. Unacknowledged messages stay stored for the next visit. */
  close(): void;
  /** Begins the next conversation; with `forgetVisitor` as somebody else. */
  renew(options?: { forgetVisitor?: boolean }): void;
  /** Sends now or as soon as there is a connection; returns the client_msg_id. */
  send(content: Content): string;
  /** Uploads a picture, made smaller first where it is large; goes on by itself after a broken connection. */
  uploadImage(file: Blob, options?: UploadOptions): Promise<UploadedImage>;
  /** Uploads a picture and sends it; resolves to the client_msg_id. */
  sendImage(file: Blob, options?: UploadOptions): Promise<string>;
  retry(clientMsgId: string): void;
  discard(clientMsgId: string): void;
  /** Stickers for what is being typed, best first; null when superseded, not connected or too late. */
  suggest(text: string, options?: { limit?: number }): Promise<Sticker[] | null>;
  /** Entries before one that is known, oldest first. */
  history(range: { before: number; limit?: number }): Promise<{ entries: Entry[]; has_more: boolean }>;
  /** How satisfied the customer is, from 1 to 5. */
  rate(rating: { score: 1 | 2 | 3 | 4 | 5; comment?: string }): Promise<void>;
  /** The customer has seen everything up to this entry. */
  markRead(seq: number): void;
  feedback(feedback: { sticker: string; kind: "clicked" | "dismissed"; position: number; text?: string }): void;
  typing(active: boolean): void;
  stop(turn?: string): void;
  /** Listens; returns how to stop listening. */
  on<E extends keyof Events>(event: E, listener: (data: Events[E], event: E) => void): () => void;
  on(event: "*", listener: (data: unknown, event: string) => void): () => void;
}

/** Opens a conversation. */
export function connect(options?: ConnectOptions): Client;

export const MAX_TEXT_CHARS: number;
export const MAX_PICTURE_BYTES: number;
export const PICTURE_TYPES: readonly string[];

/** What a client does after a close code. */
export const Verdict: Readonly<{ RECONNECT: "reconnect"; RENEW: "renew"; STOP: "stop" }>;
export function verdictOf(code: number): "reconnect" | "renew" | "stop";
/** Where a connection stands. */
export const Status: Readonly<{
  IDLE: "idle";
  CONNECTING: "connecting";
  ONLINE: "online";
  WAITING: "waiting";
  STOPPED: "stopped";
}>;
