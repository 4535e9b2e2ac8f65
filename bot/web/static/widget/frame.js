// The page in the widget's frame: head, menu and dialogs around a conversation.
import "../chat/element.js";
import { make } from "../chat/make.js";
import { Api } from "./api.js";
import { paint } from "./colours.js";
import { Conversation } from "./conversation.js";
import { Host } from "./host.js";
import { Rating } from "./rating.js";
import { Store } from "./store.js";
import { asText, save } from "./transcript.js";

const language = new URLSearchParams(location.search).get("language")?.match(/^[a-z]{2}$/)?.[0] ?? "it";
const texts = await (await fetch(new URL(`../texts/${language}.json`, import.meta.url))).json();
const words = texts.frame;
const chat = document.querySelector("portiere-chat");
const menu = document.getElementById("menu");
const menuButton = document.getElementById("menu-button");
const trouble = document.getElementById("trouble");
const store = new Store();
const api = new Api("widget");
let conversation = null;
let identity = null;
let isOpen = true;
let unread = 0;
let isRefused = false;

document.documentElement.lang = language;
document.title = words.title;
for (const element of document.querySelectorAll("[data-text]")) element.textContent = words[element.dataset.text];
for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", words[element.dataset.label]);
chat.texts = texts.chat;
const rating = new Rating(document.getElementById("rating"), words, (given) => conversation.rate(given));

const reactions = {
  begun: () => rating.forget(),
  ended: () => chat.notice(words.ended),
  trouble: (error) => showTrouble(error),
  refused: (error) => refuse(error),
  message(message) {
    if (message.side === "bot" && !isOpen) unread += 1;
    host.tell("unread", { count: unread });
    host.tell("message", { side: message.side, unread });
    rating.expect(conversation);
  },
};

function begin() {
  conversation?.end();
  showTrouble(null);
  isRefused = false;
  const opening = () => (identity ? { language, identity } : { language });
  const slot = identity ? `known.${subject(identity)}` : "anyone";
  const own = new Conversation({ api, store, chat, slot, opening, tell: (name, detail) => own === conversation && reactions[name](detail) });
  conversation = own;
  own.start();
}

// Keeps apart whose conversation is whose in this browser; the gateway alone believes tokens.
function subject(token) {
  const claims = token.split(".")[1] ?? "";
  let name = claims;
  try {
    name = JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/"))).sub ?? claims;
  } catch {
    // The gateway will refuse it and say why.
  }
  let sum = 7;
  for (const character of String(name)) sum = (sum * 33 + character.codePointAt(0)) % 2 ** 45;
  return sum.toString(36);
}

function identify(token) {
  const next = token || null;
  const isSame = next && identity ? subject(next) === subject(identity) : next === identity;
  if (!next && identity) conversation?.forget(); // logged out: nobody after them may read it
  const wasStarted = conversation !== null;
  identity = next;
  if (!wasStarted || isRefused || !isSame) begin();
}

function showTrouble(error) {
  const limit = conversation?.count ? words.tooFast : words.tooMany;
  trouble.textContent = !error ? "" : !navigator.onLine ? words.offline : error.status === 429 ? limit : words.unreachable;
  trouble.hidden = !error;
}

function refuse(error) {
  if (error.status !== 401 || !identity) {
    showTrouble(error);
    return;
  }
  if (isRefused) return;
  isRefused = true;
  host.tell("refused");
  chat.notice(words.identityRefused, { title: words.continueAnonymously, run: () => { identity = null; begin(); } });
}

function setMenu(isShown) {
  menu.hidden = !isShown;
  menuButton.setAttribute("aria-expanded", isShown);
  if (isShown) menu.querySelector("button").focus();
}

function close() {
  host.tell("close");
}

const actions = {
  person: () => conversation.send({ text: words.personMessage }),
  download: () => save(asText(conversation.messages, texts), `${words.transcriptFile}-${new Date().toISOString().slice(0, 10)}.txt`),
  rate: () => rating.show(),
  restart: () => document.getElementById("restart").showModal(),
};

for (const [name, run] of Object.entries(actions)) {
  const button = make("button", { type: "button", "data-action": name }, words[name]);
  button.addEventListener("click", () => { setMenu(false); menuButton.focus(); run(); });
  menu.append(make("li", {}, button));
}
menuButton.addEventListener("click", () => setMenu(menu.hidden));
menu.addEventListener("keydown", (event) => {
  const buttons = [...menu.querySelectorAll("button")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  buttons.at((buttons.indexOf(document.activeElement) + step) % buttons.length).focus();
});
document.addEventListener("click", (event) => {
  if (!menu.hidden && !event.target.closest("#menu, #menu-button")) setMenu(false);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (menu.hidden) return close();
  setMenu(false);
  menuButton.focus();
});
document.getElementById("close-button").addEventListener("click", close);
document.getElementById("restart").addEventListener("close", (event) => {
  if (event.target.returnValue !== "yes") return;
  event.target.returnValue = "";
  conversation.forget();
  begin();
  chat.setOpen(true, true);
});
chat.onSend((message) => conversation.send(message));
chat.onRetry(() => conversation.retry());
addEventListener("online", () => { showTrouble(null); conversation?.retry(); });
addEventListener("offline", () => showTrouble({}));

function show(said) {
  isOpen = Boolean(said.isOpen);
  if (!isOpen) return;
  unread = 0;
  chat.setOpen(true, said.focus);
}

const host = new Host({
  hello(said) {
    paint(said.colours);
    if (!conversation) identify(said.identity);
    show(said);
  },
  paint: (said) => paint(said.colours),
  identify: (said) => identify(said.identity),
  open: show,
});
document.body.hidden = false;
document.getElementById("close-button").hidden = !host.isThere;
if (host.isThere) host.greet();
else identify(null);
