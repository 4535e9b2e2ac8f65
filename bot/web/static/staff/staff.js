// The page of administrators: who they are comes in the address's fragment and stays in this tab.
import "../chat/element.js";
import { Api } from "../widget/api.js";
import { Conversation } from "../widget/conversation.js";
import { Store } from "../widget/store.js";
import { registerCards } from "./cards.js";

const given = takeToken();
const language = "it";
const texts = await (await fetch(new URL(`../texts/${language}.json`, import.meta.url))).json();
const words = texts.staff;
const store = new Store(() => sessionStorage);
const find = (id) => document.getElementById(id);
const chat = document.querySelector("portiere-chat");
let conversation = null;
let pressed = new Set();

class StaffApi extends Api {
  /** Begins a conversation with the token that this tab has at that moment. */
  async open(fields) {
    const opened = await super.open(fields, store.get("token"));
    store.set("who", opened.administrator);
    showWho();
    return opened;
  }
}

const api = new StaffApi("staff");

// Cards say what the text of such a message says.
const view = {
  append(message) {
    if (message.side === "person") pressed.add(message.text);
    chat.append(withCard(message));
  },
  history(messages) {
    pressed = new Set(messages.filter(({ side }) => side === "person").map(({ text }) => text));
    chat.history(messages.map(withCard));
  },
  typing: (isTyping) => chat.typing(isTyping),
};

function withCard(message) {
  const kind = message.custom?.kind;
  if (kind === "table") return { ...message, text: message.text.split("\n").filter((line) => !line.startsWith("• ")).join("\n") };
  if (kind === "requests") return { ...message, text: "", buttons: undefined };
  return ["diagnosis", "copy"].includes(kind) ? { ...message, text: "" } : message;
}

/** The token of the fragment, which leaves the address bar before anything else happens. */
function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (location.hash) history.replaceState(null, "", location.pathname);
  return token;
}

// Tells one person's chat from another's in this tab; the gateway alone believes tokens.
function personOf(token) {
  try {
    const bytes = Uint8Array.from(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")), (character) => character.codePointAt(0));
    const { sub, company } = JSON.parse(new TextDecoder().decode(bytes));
    return JSON.stringify([company, sub]);
  } catch {
    return token;
  }
}

function begin(token) {
  if (token) {
    if (store.get("person") !== personOf(token)) leave();
    store.set("person", personOf(token));
    store.set("token", token);
  }
  if (!store.get("tab")) store.set("tab", Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16)).join(""));
  if (!store.get("person")) return showDesk(false);
  conversation?.end();
  showDesk(true);
  showWho();
  const own = new Conversation({ api, store, chat: view, slot: slot(), opening: () => ({ language }), tell: (name, detail) => own === conversation && reactions[name]?.(detail) });
  conversation = own;
  own.start();
}

const slot = () => `staff.${store.get("tab")}`;
const reactions = {
  ended: () => chat.notice(words.ended),
  trouble: showTrouble,
  refused: (error) => (error.isDenied ? askAgain() : showTrouble(error)),
};

function askAgain() {
  conversation.end();
  conversation = null;
  store.remove("token");
  showDesk(false);
  find("notice").textContent = words.expired;
  find("sign-in").querySelector("a, button")?.focus();
}

/** Forgets the person and their conversation in this tab, and ends it. */
function leave() {
  if (conversation) conversation.forget();
  else api.end(store.get(`${slot()}.session`)?.token); // their access has expired, the conversation has not
  conversation = null;
  store.names("").forEach((name) => store.remove(name));
}

function showDesk(isShown) {
  find("desk").hidden = find("examples").hidden = find("sign-out").hidden = !isShown;
  find("sign-in").hidden = isShown;
  if (!isShown) find("who").hidden = true;
}

function showWho() {
  const who = store.get("who");
  find("who").hidden = !who;
  if (!who) return;
  find("who").firstElementChild.textContent = who.name;
  find("who").lastElementChild.textContent = who.company;
}

function showTrouble(error) {
  find("trouble").textContent = !error ? "" : !navigator.onLine ? words.offline : error.status === 429 ? words.tooFast : words.unreachable;
  find("trouble").hidden = !error;
}

const send = (message) => conversation?.send(message);
registerCards(words, send, (title) => pressed.has(title));
chat.texts = { ...texts.chat, placeholder: words.placeholder };
chat.onSend((message) => { store.remove("draft"); send(message); });
chat.onRetry(() => conversation?.retry());
const field = chat.querySelector("textarea");
field.addEventListener("input", () => store.set("draft", field.value));
find("sign-out").addEventListener("click", () => {
  leave();
  field.value = "";
  chat.history([]);
  showDesk(false);
  find("notice").textContent = words.signedOut;
});
for (const button of document.querySelectorAll("#examples button")) {
  button.addEventListener("click", () => send({ text: button.textContent }));
}
if (matchMedia("(max-width: 52rem)").matches) document.querySelector("#examples details").open = false;
addEventListener("online", () => { showTrouble(null); conversation?.retry(); });
addEventListener("offline", () => showTrouble({}));
addEventListener("hashchange", () => begin(takeToken()));
begin(given);
field.value = store.get("draft") ?? "";
