// The page in the widget's frame: head, menu and dialogs around a conversation.
import "../chat/element.js";
import { make } from "../chat/make.js";
import { Api } from "./api.js";
import { paint } from "./colours.js";
import { Conversation } from "./conversation.js";
import { Host } from "./host.js";
import { SignOuts, slotOf } from "./identity.js";
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
const role = document.querySelector("[data-text=role]");
const store = new Store();
const api = new Api("widget");
let conversation = null;
let person = null; // whom the page names: {token, slot, since}
let settled = Promise.resolve(); // what the page says is taken in one after the other
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
  handoff: (handoff) => {
    const isTaken = handoff?.state === "taken";
    role.textContent = isTaken ? words.supportRole.replace("{name}", handoff.support) : words.role;
  },
  message(message) {
    if (message.side === "bot" && !isOpen) setUnread(unread + 1);
    host.tell("message", { side: message.side, unread });
    rating.expect(conversation);
  },
};

function begin() {
  conversation?.end();
  showTrouble(null);
  isRefused = false;
  setUnread(0);
  const named = person;
  const own = new Conversation({
    api,
    store,
    chat,
    slot: named?.slot ?? "anyone",
    opening: () => (named ? { language, identity: named.token } : { language }),
    prove: named && ((token) => api.prove(token, named.token)),
    tell: (name, detail) => own === conversation && reactions[name](detail),
  });
  conversation = own;
  chat.hidden = menuButton.hidden = false;
  own.start();
}

/** The page names somebody by a token, says by null that they have signed out, or says nothing. */
async function identify({ identity: token, since = Date.now() }) {
  if (token === undefined) return;
  if (!token) signOuts.note(since);
  const next = token && !signOuts.isAfter(since) ? { token, since, slot: await slotOf(token) } : null;
  const isSame = next?.slot === person?.slot;
  if (isSame && next) Object.assign(person, next);
  else person = next;
  if (conversation && (isRefused || !isSame)) begin();
}

/** Somebody has signed out in another tab: whom this page has named before is not there any more. */
function obey() {
  if (!person || !signOuts.isAfter(person.since)) return;
  person = null;
  if (!conversation) return;
  conversation.forget();
  begin();
}

function setUnread(count) {
  unread = count;
  host.tell("unread", { count });
}

function showTrouble(error) {
  const limit = conversation?.hasBegun ? words.tooFast : words.tooMany;
  trouble.textContent = !error ? "" : !navigator.onLine ? words.offline : error.status === 429 ? limit : words.unreachable;
  trouble.hidden = !error;
}

function refuse(error) {
  if (!error.isDenied || !person) {
    showTrouble(error);
    return;
  }
  if (isRefused) return;
  isRefused = true;
  host.tell("refused");
  chat.notice(words.identityRefused, { title: words.continueAnonymously, run: () => { person = null; begin(); } });
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
menu.addEventListener("focusout", ({ relatedTarget }) => {
  if (relatedTarget && !relatedTarget.closest("#menu, #menu-button")) setMenu(false);
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
  if (!conversation) begin();
  setUnread(0);
  chat.setOpen(true, said.focus);
}

const host = new Host({
  hello(said) {
    paint(said.colours);
    settled = settled.then(() => identify(said)).then(() => show(said));
  },
  paint: (said) => paint(said.colours),
  identify: (said) => { settled = settled.then(() => identify(said)); },
  open: (said) => { settled = settled.then(() => show(said)); },
});
const signOuts = new SignOuts(store, api, obey);
document.getElementById("close-button").hidden = !host.isThere;
if (host.isThere) host.greet();
else begin();
