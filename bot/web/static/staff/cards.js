// What staff are shown besides text: a diagnosis, a text to copy, a table, open requests. All of it by textContent.
import { registerRenderer } from "../chat/element.js";
import { make } from "../chat/make.js";
import { asCsv } from "./csv.js";
import { parts } from "./difference.js";

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

/** Registers the cards; `press(button)` sends a button's payload, `isPressed(title)` tells whether it was pressed before. */
export function registerCards(words, press, isPressed) {
  registerRenderer("diagnosis", (content) => diagnosis(content, words));
  registerRenderer("copy", ({ text }) => copy(text, words));
  registerRenderer("table", (content) => table(content, words));
  registerRenderer("requests", (content) => requests(content, words, press, isPressed));
}

function diagnosis(found, words) {
  const [contact, login] = parts(found.contact_email, found.login_email, found.emails);
  const address = (pieces, nothing) => (pieces.length ? pieces.map(({ text, differs }) => (differs ? make("mark", {}, text) : text)) : [nothing]);
  const entry = (name, ...content) => make("div", {}, make("dt", {}, name), make("dd", {}, ...content));
  const list = (lines) => (lines.length ? make("ul", {}, ...lines.map((line) => make("li", {}, line))) : words.none);
  const account = !found.login_email ? words.noAccount : found.locked_on ? fill(words.accountLocked, found) : words.accountYes;
  const contracts = found.contracts.map((contract) => fill(words.contractLine, { ...contract, status: words.contract[contract.status] })
    + (contract.ends_on ? fill(words.contractEnds, contract) : ""));
  const invites = found.invites.map((invite) => fill(words.invite[invite.status] ?? invite.code, invite));
  return make("section", { class: "card diagnosis", "aria-label": found.customer },
    make("h2", {}, found.customer),
    make("dl", { class: "addresses" }, entry(words.contactEmail, ...address(contact, words.noEmail)), entry(words.loginEmail, ...address(login, words.noAccount))),
    make("p", {}, words.emails[found.emails] ?? ""),
    make("dl", {}, entry(words.account, account), entry(words.contracts, list(contracts)), entry(words.invites, list(invites))),
    make("h3", {}, words.findings),
    make("ol", {}, ...found.findings.map((finding) => make("li", {}, words.finding[finding] ?? finding))));
}

function copy(text, words) {
  const shown = make("p", { class: "copy-text" }, text);
  const says = make("span", { role: "status" });
  const button = make("button", { type: "button", class: "button-quiet" }, words.copy);
  button.addEventListener("click", async () => {
    says.textContent = "";
    try {
      await navigator.clipboard.writeText(text);
      says.textContent = words.copied;
    } catch { // denied, or not https
      getSelection().selectAllChildren(shown);
      says.textContent = document.execCommand("copy") ? words.copied : words.selected;
    }
  });
  return make("div", { class: "card" }, make("h3", {}, words.copyTitle), shown, make("div", { class: "row" }, button, says));
}

function table(content, words) {
  const shown = content.rows.length;
  const isCut = content.total > shown;
  const caption = fill(isCut ? words.captionCut : words.caption, { title: content.title, count: shown, total: content.total });
  const head = make("tr", {}, ...content.columns.map((column) => make("th", { scope: "col" }, column)));
  const rows = content.rows.map((row) => make("tr", {}, ...row.map((cell) => make("td", {}, cell))));
  const button = make("button", { type: "button", class: "button-quiet" }, words.download);
  button.addEventListener("click", () => {
    const link = make("a", { download: content.file });
    link.href = URL.createObjectURL(new Blob([asCsv([content.columns, ...content.rows], words.separator)], { type: "text/csv;charset=utf-8" }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });
  return make("div", { class: "card" },
    make("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": caption },
      make("table", {}, make("caption", {}, caption), make("thead", {}, head), make("tbody", {}, ...rows))),
    make("div", { class: "row" }, button));
}

function requests(content, words, press, isPressed) {
  const line = (request) => {
    const row = make("li", { class: "row" }, make("span", {}, fill(request.unit ? words.request : words.requestWithoutUnit, request)));
    const button = make("button", { type: "button", class: "button-quiet", "aria-label": request.title }, words.grant);
    const done = () => { button.disabled = true; button.textContent = words.granted; };
    if (isPressed(request.title)) done();
    button.addEventListener("click", () => { done(); press({ payload: request.payload, title: request.title }); });
    row.append(button);
    return row;
  };
  const card = make("section", { class: "card", "aria-label": words.requests },
    make("h2", {}, content.total > content.requests.length ? fill(words.requestsPage, content) : words.requests),
    make("ul", {}, ...content.requests.map(line)));
  if (content.more) {
    const more = make("button", { type: "button", class: "button-quiet" }, content.more.title);
    more.addEventListener("click", () => press(content.more));
    card.append(make("div", { class: "row" }, more));
  }
  return card;
}
