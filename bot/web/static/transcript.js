// Shows messages. Text is always text, never HTML.
import { texts } from "./texts.js";

const log = document.getElementById("log");

function element(tag, className, content) {
  const created = document.createElement(tag);
  if (className) created.className = className;
  if (content) created.textContent = content;
  return created;
}

function scroll() {
  log.scrollTop = log.scrollHeight;
}

export function clear() {
  log.replaceChildren();
}

export function removeChoices() {
  log.querySelectorAll(".choices").forEach((choices) => choices.remove());
}

export function showPerson(text) {
  const bubble = element("div", "message person");
  bubble.append(element("span", "hidden", `${texts.you}: `), text);
  log.append(bubble);
  scroll();
  return bubble;
}

export function showBot(message, onChoice) {
  const bubble = element("div", "message bot");
  bubble.append(element("span", "hidden", `${texts.bot}: `), message.text ?? "");
  if (message.image) {
    const image = element("img");
    image.src = new URL(message.image, location.origin);
    image.alt = texts.picture;
    image.addEventListener("load", scroll);
    bubble.append(image);
  }
  log.append(bubble);
  if (message.buttons?.length && onChoice) {
    const choices = element("div", "choices");
    for (const button of message.buttons) {
      const choice = element("button", "", button.title);
      choice.type = "button";
      choice.addEventListener("click", () => onChoice(button));
      choices.append(choice);
    }
    log.append(choices);
  }
  scroll();
  return bubble;
}

/** Scrolls to the end, but not past the beginning of an answer that is taller than the window. */
export function showFrom(bubble) {
  scroll();
  if (bubble && bubble.offsetTop < log.scrollTop + log.offsetTop) log.scrollTop = bubble.offsetTop - log.offsetTop - 8;
}

export function showTyping() {
  const typing = element("div", "typing");
  typing.setAttribute("aria-label", texts.typing);
  typing.append(element("i"), element("i"), element("i"));
  log.append(typing);
  scroll();
  return () => typing.remove();
}

export function showFailed(bubble, onRetry) {
  bubble.classList.add("failed");
  const retry = element("button", "retry", texts.retry);
  retry.type = "button";
  retry.addEventListener("click", () => {
    retry.remove();
    bubble.classList.remove("failed");
    onRetry();
  });
  bubble.after(retry);
  scroll();
}
