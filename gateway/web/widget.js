/**
 * Puts the chat on any page:
 *
 *     <script type="module" src="https://desk.example.com/widget.js" data-locale="auto"></script>
 *
 * Attributes of the tag: data-server (default: where this file comes from), data-tenant (on a server of several shops),
 * data-locale (auto, en, zh, …), data-theme (auto, light, dark), data-position (end, start), data-heading, data-greeting,
 * data-starters ("one|two").
 * An element of the page with data-stickerdesk-open opens the chat; with data-stickerdesk-ask="…" it also asks.
 * `window.Stickerdesk` is the element: open(), close(), ask(text), setStrings({…}), client.
 */

import { StickerdeskChat } from "./widget/element.js";

const NAME = "stickerdesk-chat";
const ATTRIBUTES = ["server", "tenant", "locale", "theme", "position", "heading", "greeting", "starters"];

function ownTag() {
  const own = new URL(import.meta.url);
  const tags = [...document.querySelectorAll("script[type=module][src]")];
  return tags.find((tag) => new URL(tag.src, document.baseURI).pathname === own.pathname) ?? null;
}

function mount() {
  const existing = document.querySelector(NAME);
  if (existing) return existing;
  const tag = ownTag();
  const chat = document.createElement(NAME);
  chat.setAttribute("server", new URL("/", import.meta.url).origin);
  for (const name of ATTRIBUTES) {
    const value = tag?.getAttribute(`data-${name}`);
    if (value) chat.setAttribute(name, value);
  }
  document.body.append(chat);
  return chat;
}

function onClick(event) {
  const button = event.target.closest?.("[data-stickerdesk-ask], [data-stickerdesk-open]");
  if (!button) return;
  event.preventDefault();
  const text = button.getAttribute("data-stickerdesk-ask");
  if (text) globalThis.Stickerdesk.ask(text);
  else globalThis.Stickerdesk.open();
}

if (!customElements.get(NAME)) customElements.define(NAME, StickerdeskChat);
globalThis.Stickerdesk = mount();
document.addEventListener("click", onClick);
globalThis.dispatchEvent(new CustomEvent("stickerdesk-ready", { detail: globalThis.Stickerdesk }));
