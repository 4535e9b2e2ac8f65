// A case's page: the talk as it goes on, and writing without leaving the page. Without it every form works, too.
import { fragment, keepLooking } from "/static/console/waiting.js";
import { newId } from "/static/widget/outbox.js";

const STEP = 2_000; // milliseconds
const talk = document.getElementById("talk");
const trouble = document.getElementById("trouble");
const form = document.getElementById("say");
const canned = document.getElementById("canned");
const state = talk.firstElementChild?.dataset.state;
let isLooking = false;
let tried = null; // the text of a try that failed

function showTrouble(text) {
  trouble.textContent = text ?? "";
  trouble.hidden = !text;
}

/** Shows what was said meanwhile; the page is read anew when somebody else has changed the case. */
async function look() {
  if (isLooking || document.hidden) return;
  isLooking = true;
  try {
    const fresh = await fragment(talk.dataset.source);
    const hasChanged = fresh.dataset.state !== state;
    if (hasChanged && !form?.elements.text.value) return location.reload();
    const isAtEnd = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 60;
    const shown = talk.firstElementChild;
    // What is there stays: a screen reader reads out what is added.
    [...fresh.children].forEach((line, index) => {
      const known = shown.children[index];
      if (!known) shown.append(line);
      else if (known.textContent !== line.textContent) known.replaceWith(line);
    });
    if (isAtEnd) talk.scrollTop = talk.scrollHeight;
    showTrouble(hasChanged ? trouble.dataset.changed : null); // what is being written is not taken away
  } catch {
    showTrouble(trouble.dataset.lost);
  } finally {
    isLooking = false;
  }
}

async function say(event) {
  event.preventDefault();
  const { text, message_id: ident } = form.elements;
  const button = form.querySelector("button");
  if (!text.value.trim() || button.disabled) return;
  button.disabled = true;
  if (tried !== null && tried !== text.value) ident.value = newId(); // another text is another message
  tried = text.value;
  try {
    const body = new URLSearchParams(new FormData(form));
    const response = await fetch(form.action, { method: "POST", body, signal: AbortSignal.timeout(30_000) });
    if (!response.ok) {
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      showTrouble(page.querySelector("main")?.textContent.trim().replace(/\s+/g, " "));
      return;
    }
    if (new URL(response.url).pathname !== location.pathname) return showTrouble(trouble.dataset.signedOut);
    text.value = "";
    tried = null;
    ident.value = newId();
    await look();
  } catch {
    showTrouble(trouble.dataset.lost); // the same id goes with the next try: nothing is said twice
  } finally {
    button.disabled = false;
    text.focus();
  }
}

form?.addEventListener("submit", say);
form?.elements.text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) say(event);
});
if (canned) {
  canned.parentElement.hidden = false;
  canned.addEventListener("change", () => {
    form.elements.text.value = canned.value;
    canned.value = "";
    form.elements.text.focus();
  });
}
talk.scrollTop = talk.scrollHeight;
keepLooking(look, STEP);
