// <portiere-chat>: a transcript and a composer. It knows nothing of servers; a page drives it by five methods
// (append, typing, history, setOpen, onSend) and says what it shows in `texts` (the part "chat" of a texts file).
//
// A message is {id?, side: "bot" | "person" | "note", name?, change?, text, time?, buttons?, image?, custom?, state?, reason?}; `name` is that of
// a support agent, and a note tells that they have "taken" the conversation or "given_back" it (`change`); `state` is "sending", "waiting", "busy", "failed" or "refused", and is absent once it has arrived.
import { withLinks } from "./links.js";
import { make } from "./make.js";

const renderers = new Map();
const LONGEST = 2000;

/** Has messages whose `custom.kind` is `kind` show the node that `render(custom, message)` returns, below their text. */
export function registerRenderer(kind, render) {
  renderers.set(kind, render);
}

class PortiereChat extends HTMLElement {
  #texts = {};
  #log;
  #status;
  #field;
  #choices = null;
  #dots = null;
  #latest;
  #send = () => {};
  #retry = () => {};
  #shown = new Map();
  #lastDay = "";
  #lastSpeaker = "";
  #followsEnd = true;
  #answer = null; // the first bubble of the last answer
  #statusTimer = 0;

  set texts(texts) {
    this.#texts = texts;
    this.#build();
  }

  /** Shows a message, or brings the one with the same id up to date. What has arrived stands before what has not. */
  append(message) {
    const known = message.id && this.#shown.get(message.id);
    if (known) {
      this.#setState(known, message);
      return;
    }
    if (message.side === "note") {
      if (message.change === "taken") this.#removeChoices();
      this.notice(this.#texts[message.change].replace("{name}", message.name));
      return;
    }
    if (message.side === "person") {
      this.#removeChoices();
      this.#answer = null;
    }
    this.#startDay(message.time);
    const line = this.#line(message);
    this.#log.insertBefore(line, this.#placeFor(message));
    if (message.id) this.#shown.set(message.id, line);
    this.#setState(line, message);
    if (message.buttons?.length && message.side === "bot") this.#offer(message.buttons);
    if (message.side === "bot") this.#answer ??= line;
    if (this.#dots) this.#log.append(this.#dots);
    this.#follow();
  }

  /** Shows or hides that an answer is being written. */
  typing(isTyping) {
    if (isTyping === Boolean(this.#dots)) return;
    clearTimeout(this.#statusTimer);
    if (!isTyping) {
      this.#dots.remove();
      this.#dots = null;
      this.#status.textContent = "";
      return;
    }
    this.#dots = make("div", { class: "chat-typing", "aria-hidden": "true" }, make("i"), make("i"), make("i"));
    this.#log.append(this.#dots);
    // Most answers come at once: only a longer wait is worth being told of.
    this.#statusTimer = setTimeout(() => { this.#status.textContent = this.#texts.typing; }, 1500);
    this.#follow();
  }

  /** Shows these messages in place of all others; a screen reader does not read them out again. */
  history(messages) {
    this.#log.setAttribute("aria-live", "off");
    this.#log.replaceChildren();
    this.#shown.clear();
    this.#choices = this.#dots = this.#answer = null;
    this.#lastDay = this.#lastSpeaker = "";
    const lastAnswer = messages.map((message) => message.side === "bot").lastIndexOf(false) + 1;
    messages.forEach((message, index) => {
      this.append(index >= lastAnswer ? message : { ...message, buttons: undefined });
    });
    this.#followsEnd = true;
    this.#follow();
    setTimeout(() => this.#log.setAttribute("aria-live", "polite"), 100);
  }

  /** Tells whether the chat can be seen; `focus` puts the cursor into the composer. */
  setOpen(isOpen, focus = false) {
    if (!isOpen) return;
    this.#follow();
    // On a touch screen the keyboard would cover what there is to read.
    if (focus) (matchMedia("(pointer: coarse)").matches ? this.#log : this.#field).focus();
  }

  /** Calls f with {text}, or {payload, title} of a pressed button. */
  onSend(f) {
    this.#send = f;
  }

  /** Calls f with the id of a message that is to be sent again. */
  onRetry(f) {
    this.#retry = f;
  }

  /** A line of the page's own between the messages, perhaps with a button. */
  notice(text, action) {
    const line = make("div", { class: "chat-notice" }, make("p", {}, text));
    if (action) {
      const button = make("button", { type: "button", class: "button-quiet" }, action.title);
      button.addEventListener("click", () => { line.remove(); action.run(); });
      line.append(button);
    }
    this.#lastSpeaker = "";
    this.#log.insertBefore(line, this.#placeFor({}));
    this.#follow();
    return line;
  }

  #build() {
    const texts = this.#texts;
    this.#log = make("div", { class: "chat-log", role: "log", "aria-live": "polite", "aria-label": texts.log, tabindex: "0" });
    this.#log.addEventListener("scroll", () => {
      this.#followsEnd = this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < 48;
      this.#latest.hidden = this.#followsEnd || this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < 200;
    }, { passive: true });
    this.#latest = make("button", { type: "button", class: "chat-latest", "aria-label": texts.latest, hidden: "" }, make.icon("M6 9l6 6 6-6"));
    this.#latest.addEventListener("click", () => { this.#followsEnd = true; this.#answer = null; this.#follow(); this.#log.focus(); });
    this.#status = make("p", { class: "chat-hidden", role: "status" });
    this.#field = make("textarea", { rows: "1", maxlength: LONGEST, placeholder: texts.placeholder, "aria-label": texts.label, autocomplete: "off", enterkeyhint: "send" });
    const send = make("button", { type: "submit", class: "chat-send", "aria-label": texts.send }, make.icon("M4 12l16-8-5 16-3.5-6.5z"));
    const composer = make("form", { class: "chat-composer" }, this.#field, send);
    composer.addEventListener("submit", (event) => { event.preventDefault(); this.#submit(); });
    this.#field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.#submit();
      }
    });
    this.#field.addEventListener("input", () => this.#fitField());
    new ResizeObserver(() => this.#follow()).observe(this.#log);
    this.replaceChildren(make("div", { class: "chat-view" }, this.#log, this.#latest), this.#status, composer);
  }

  #submit() {
    const text = this.#field.value.trim();
    if (!text) return;
    this.#field.value = "";
    this.#fitField();
    this.#followsEnd = true;
    this.#send({ text });
  }

  #fitField() {
    this.#field.style.height = "auto";
    this.#field.style.height = `${this.#field.scrollHeight + 2}px`;
    const left = LONGEST - this.#field.value.length;
    this.#status.textContent = left < 100 ? this.#texts.characters.replace("{count}", left) : "";
    this.#status.classList.toggle("chat-hidden", left >= 100);
  }

  #line(message) {
    const speaker = message.side === "person" ? this.#texts.person : message.name ?? this.#texts.bot;
    const bubble = make("div", { class: "chat-bubble" }, ...withLinks(message.text ?? ""));
    if (message.image) {
      const image = make("img", { alt: this.#texts.picture, src: new URL(message.image, location.origin) });
      image.addEventListener("load", () => this.#follow());
      bubble.append(image);
    }
    const extra = renderers.get(message.custom?.kind)?.(message.custom, message);
    if (extra) bubble.append(extra);
    const isNewSpeaker = speaker !== this.#lastSpeaker;
    this.#lastSpeaker = speaker;
    const side = message.side === "person" ? "person" : message.name ? "agent" : "bot";
    // The speaker is seen above the first of several bubbles, and heard before each.
    const isSeen = isNewSpeaker && side !== "person";
    const name = make("p", { class: isSeen ? "chat-name" : "chat-hidden" }, isSeen ? speaker : `${speaker}:`);
    const meta = make("p", { class: "chat-meta" });
    return make("div", { class: `chat-message ${side}${isNewSpeaker ? " first" : ""}` }, name, bubble, meta);
  }

  #setState(line, message) {
    const isPending = Boolean(message.state);
    line.classList.toggle("pending", isPending);
    line.classList.toggle("failed", message.state === "failed" || message.state === "refused");
    const meta = line.querySelector(".chat-meta");
    const moment = message.time ? new Date(message.time) : new Date();
    const clock = make("time", { datetime: moment.toISOString() }, new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short" }).format(moment));
    if (!isPending) {
      meta.replaceChildren(clock);
      return;
    }
    meta.replaceChildren(make("span", { class: "chat-state" }, this.#texts[message.state]));
    if (message.state === "failed") {
      const retry = make("button", { type: "button", class: "chat-retry" }, this.#texts.retry);
      retry.addEventListener("click", () => this.#retry(message.id));
      meta.append(retry);
    }
    this.#follow();
  }

  #placeFor(message) {
    return message.state ? this.#dots : this.#log.querySelector(".chat-message.pending") ?? this.#dots;
  }

  #startDay(time) {
    const moment = time ? new Date(time) : new Date();
    const day = moment.toDateString();
    if (day === this.#lastDay) return;
    const isFirstToday = !this.#lastDay && day === new Date().toDateString();
    this.#lastDay = day;
    if (isFirstToday) return;
    this.#lastSpeaker = "";
    const shown = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full" }).format(moment);
    this.#log.insertBefore(make("p", { class: "chat-day" }, shown), this.#placeFor({}));
  }

  /** Puts buttons under the last bubble, after those of the same answer that are there: a form may ask on below a choice. */
  #offer(buttons) {
    const earlier = this.#choices;
    const offered = new Set([...(earlier?.children ?? [])].map((choice) => choice.dataset.payload));
    this.#choices = make("div", { class: "chat-choices", role: "group", "aria-label": this.#texts.choices });
    if (earlier) {
      this.#choices.append(...earlier.children);
      earlier.remove();
    }
    for (const button of buttons) {
      if (offered.has(button.payload)) continue;
      const choice = make("button", { type: "button", "data-payload": button.payload }, button.title);
      choice.addEventListener("click", (event) => {
        // The pressed button goes away; the keyboard must not lose its place, and a phone's keyboard must not come up.
        (event.detail === 0 ? this.#field : this.#log).focus({ preventScroll: true });
        this.#followsEnd = true;
        this.#send({ payload: button.payload, title: button.title });
      });
      this.#choices.append(choice);
    }
    this.#log.insertBefore(this.#choices, this.#placeFor({}));
  }

  #removeChoices() {
    this.#choices?.remove();
    this.#choices = null;
  }

  /** Scrolls to the end, but never past the beginning of an answer that is taller than the view. */
  #follow() {
    if (!this.#log || !this.#followsEnd) return;
    this.#log.scrollTop = this.#log.scrollHeight;
    if (this.#answer) this.#log.scrollTop = Math.min(this.#log.scrollTop, this.#answer.offsetTop - 12);
  }
}

customElements.define("portiere-chat", PortiereChat);
