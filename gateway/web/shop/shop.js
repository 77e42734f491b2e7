/**
 * The demo shop: speaks the reader's language, and lends its words to the chat.
 */

import { blossoms, PRODUCTS } from "./art.js";
import { STARTERS, WORDS } from "./words.js";

const KEY = "peachwood:language";

function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function firstLanguage() {
  const wanted = [stored(), ...navigator.languages].filter(Boolean).map((tag) => tag.toLowerCase().split("-")[0]);
  return wanted.find((tag) => tag in WORDS) ?? "en";
}

function price(product, language) {
  const [currency, locale, amount] = language === "zh" ? ["CNY", "zh-CN", product.cny] : ["USD", "en-US", product.usd];
  return new Intl.NumberFormat(locale, { style: "currency", currency, trailingZeroDisplay: "stripIfInteger" }).format(amount);
}

function productCard(product, language) {
  const words = product[language];
  const item = document.createElement("li");
  item.className = `product ${product.tone}`;
  const name = Object.assign(document.createElement("h3"), { textContent: words.name });
  const note = Object.assign(document.createElement("p"), { className: "note", textContent: words.note });
  const cost = Object.assign(document.createElement("p"), { className: "price", textContent: price(product, language) });
  const text = document.createElement("div");
  text.className = "product-text";
  text.append(name, note);
  const foot = document.createElement("div");
  foot.className = "product-line";
  foot.append(text, cost);
  item.append(product.draw(), foot);
  return item;
}

function question(text) {
  const item = document.createElement("li");
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: text });
  button.dataset.stickerdeskAsk = text;
  item.append(button);
  return item;
}

/** The words of the chat follow the page's; before the chat is there its script tag carries them. */
function dressChat(language) {
  const chat = document.querySelector("stickerdesk-chat");
  const tag = document.querySelector('script[src="/widget.js"]');
  const words = WORDS[language];
  const locale = language === "zh" ? "zh-CN" : "en";
  const values = { locale, heading: words.chatTitle, greeting: words.chatGreeting, starters: STARTERS[language].join("|") };
  for (const [name, value] of Object.entries(values)) {
    if (chat) chat.setAttribute(name, value);
    else tag.setAttribute(`data-${name}`, value);
  }
}

function speak(language) {
  const words = WORDS[language];
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = words.title;
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = words[element.dataset.t];
  for (const element of document.querySelectorAll("[data-t-label]")) {
    element.setAttribute("aria-label", words[element.dataset.tLabel]);
  }
  const other = language === "zh" ? "en" : "zh";
  const button = document.getElementById("language");
  button.textContent = other === "zh" ? "中文" : "English";
  button.lang = other === "zh" ? "zh-CN" : "en";
  button.onclick = () => {
    try {
      localStorage.setItem(KEY, other);
    } catch {
      // Not stored: the choice lasts as long as the page.
    }
    speak(other);
  };
  document.getElementById("products").replaceChildren(...PRODUCTS.map((product) => productCard(product, language)));
  document.getElementById("questions").replaceChildren(...STARTERS[language].map(question));
  dressChat(language);
}

document.getElementById("blossoms").append(...blossoms());
speak(firstLanguage());
