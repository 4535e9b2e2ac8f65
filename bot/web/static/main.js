import { Session } from "./api.js";
import { texts } from "./texts.js";
import * as transcript from "./transcript.js";

const session = new Session();
const composer = document.getElementById("composer");
const field = document.getElementById("text");
const submit = composer.querySelector("button");
const status = document.getElementById("status");

function show(messages) {
  const bubbles = messages.map((message, index) => {
    const isLast = index === messages.length - 1;
    if (message.side === "person") return transcript.showPerson(message.text);
    return transcript.showBot(message, isLast ? choose : null);
  });
  const firstOfAnswer = messages.findLastIndex((message) => message.side === "person") + 1;
  transcript.showFrom(bubbles[firstOfAnswer]);
}

function choose(button) {
  send({ payload: button.payload }, button.title);
}

async function begin(notice = "") {
  transcript.clear();
  status.textContent = notice;
  const stopTyping = transcript.showTyping();
  try {
    const messages = (await session.resume()) ?? (await session.open());
    stopTyping();
    show(messages);
  } catch {
    stopTyping();
    status.textContent = texts.unreachable;
  }
}

function reason(error) {
  if (error.status === 429) return texts.tooFast;
  if (error.status === 413) return texts.tooLong;
  return error.status === 422 ? texts.refused : texts.unreachable;
}

async function send(message, shown) {
  transcript.removeChoices();
  const bubble = transcript.showPerson(shown);
  await deliver(message, messageId(), bubble);
}

// crypto.randomUUID would need https or localhost.
function messageId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function deliver(message, id, bubble) {
  status.textContent = "";
  submit.disabled = true;
  const stopTyping = transcript.showTyping();
  try {
    show(await session.send(message, id));
  } catch (error) {
    if (error.status === 401) {
      session.forget();
      await begin(texts.ended);
    } else {
      status.textContent = reason(error);
      transcript.showFailed(bubble, () => deliver(message, id, bubble));
    }
  } finally {
    stopTyping();
    submit.disabled = false;
  }
}

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (!text || submit.disabled) return;
  field.value = "";
  field.style.height = "";
  send({ text }, text);
});

field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    composer.requestSubmit();
  }
});

field.addEventListener("input", () => {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
});

document.getElementById("restart").addEventListener("click", () => {
  session.forget();
  begin();
  field.focus();
});

document.querySelectorAll("[data-insert]").forEach((button) => {
  button.addEventListener("click", () => {
    field.value = `${field.value} ${button.dataset.insert}`.trim();
    field.focus();
  });
});

begin();
