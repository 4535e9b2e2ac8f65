// One conversation with the gateway, shown in a <portiere-chat>: begun when needed, found again after a reload, on other
// pages and in other tabs, which keep in step by what they see each other keep in the browser.
import { Unreachable } from "./api.js";
import { Listener } from "./listener.js";
import { Outbox } from "./outbox.js";

const STEP = 15_000; // milliseconds between looks at what other tabs or support may have done meanwhile

export class Conversation {
  #api;
  #store;
  #chat;
  #slot;
  #opening;
  #prove;
  #tell;
  #outbox;
  #listener;
  #unwatch;
  #shownToken = null; // whose messages are shown
  #known = []; // what the gateway has, in its order
  #placed = new Set(); // ids of own messages that are shown, but not known to stand where the gateway has them
  #version = 0; // how often that has changed
  #isEnded = false;
  #isProven; // whether the person may go on with what the browser has kept
  #timer;
  #resume = null;
  #hasEnded = false;
  #handoff = null;

  /**
   * `slot` names where the browser keeps it; `opening()` is what goes into the request that begins it;
   * `prove(token)`, if given, fails unless the gateway says that a kept conversation is this person's: until then
   * nothing of it is shown; `tell(name, detail)` is called with "begun", "ended" (an earlier one), "trouble" (an error, or null when it is over),
   * "refused", "handoff" (how it stands, or null when there is none) and "message".
   */
  constructor({ api, store, chat, slot, opening, prove = null, tell }) {
    this.#api = api;
    this.#store = store;
    this.#chat = chat;
    this.#slot = slot;
    this.#opening = opening;
    this.#prove = prove;
    this.#isProven = !prove;
    this.#tell = tell;
    this.#outbox = new Outbox(store, slot, (entry, isFirst) => this.#deliver(entry, isFirst), (entry, state) => this.#show(entry, state));
    this.#listener = new Listener(api, () => this.#sync());
    this.#unwatch = store.watch(`${slot}.`, (name) => this.#onOtherTab(name));
    this.#timer = setInterval(() => this.#look(), STEP);
  }

  /** Shows the conversation so far, or begins one; tries until it can. */
  async start() {
    this.#known = [];
    this.#chat.history([]);
    if (this.#isProven) this.#outbox.entries().forEach((entry) => this.#show(entry, this.#outbox.state(entry)));
    this.#chat.typing(true);
    for (let tries = 0; !this.#isEnded; tries += 1) {
      try {
        const messages = await this.#ensure();
        if (this.#isEnded) return;
        this.#tell("trouble", null);
        this.#replace(messages);
        this.#outbox.adopt(true);
        return;
      } catch (error) {
        this.#chat.typing(false);
        if (this.#isEnded) return;
        if (!("isPassing" in error)) throw error;
        if (error.isDenied) return this.#tell("refused", error);
        this.#tell("trouble", error);
        await this.#pause(error.retryAfter ?? Math.min(30, 2 ** tries));
      }
    }
  }

  /** Takes over what other tabs have left, and sees whether support has begun to speak by itself. */
  #look() {
    if (!this.#isProven) return;
    this.#outbox.adopt(false);
    const isWaiting = this.#handoff !== null || this.#outbox.entries().length > 0; // it hears of it anyway
    if (!document.hidden && !isWaiting && this.count > 0) this.#sync();
  }

  send(message) {
    this.#outbox.add(message);
  }

  retry() {
    this.#outbox.wake();
    this.#resume?.();
  }

  async rate(rating) {
    await this.#api.rate(this.#token, rating);
    this.isAsked = true;
  }

  /** Whether the gateway holds it. */
  get hasBegun() {
    return this.#token !== null;
  }

  /** Whether somebody of the support team is waited for or speaks. */
  get isHandedOff() {
    return this.#handoff !== null;
  }

  /** Whether the person was asked for a rating. */
  get isAsked() {
    return Boolean(this.#store.get(this.#name)?.isAsked);
  }

  set isAsked(isAsked) {
    const session = this.#store.get(this.#name);
    if (session) this.#store.set(this.#name, { ...session, isAsked });
  }

  /** Messages that the person has sent and that are answered. */
  get count() {
    return this.#known.filter((message) => message.side === "person").length;
  }

  /** Everything shown, for a transcript. */
  get messages() {
    const pending = this.#isProven ? this.#outbox.entries().filter((entry) => !this.#has(entry.id)) : [];
    return [...this.#known, ...pending.map(asMessage)];
  }

  /** Leaves it for good: the next one begins anew, in all tabs. One that another tab has begun meanwhile stays. */
  forget() {
    const token = this.#token;
    if (this.#isProven && [null, token].includes(this.#shownToken)) {
      this.#store.remove(this.#name);
      this.#outbox.clear();
      this.#api.end(token);
    }
    this.end();
  }

  end() {
    this.#isEnded = true;
    clearInterval(this.#timer);
    this.#listener.follow(null);
    this.#outbox.end();
    this.#resume?.();
    this.#unwatch();
  }

  get #name() {
    return `${this.#slot}.session`;
  }

  get #token() {
    return (this.#isProven && this.#store.get(this.#name)?.token) || null;
  }

  /** Makes sure that there is a token; returns the messages if the conversation has just been read or begun. */
  async #ensure() {
    return exclusively(`portiere.${this.#slot}`, async () => {
      const session = this.#store.get(this.#name);
      if (session?.token) {
        try {
          if (!this.#isProven) await this.#prove(session.token);
          this.#isProven = true;
          return await this.#history(session.token);
        } catch (error) {
          if (!error.isDenied) throw error;
          this.#hasEnded = true;
        }
      }
      const opened = await this.#api.open(this.#opening());
      if (this.#isEnded) {
        this.#api.end(opened.token); // left, or signed out of, while it began
        return [];
      }
      this.#isProven = true;
      this.#store.set(this.#name, { token: opened.token });
      this.#heed(null, opened.token);
      this.#tell("begun");
      return opened.messages.map(fromBot);
    });
  }

  async #history(token) {
    const { messages, handoff } = await this.#api.messages(token);
    this.#heed(handoff, token);
    return messages.map(asShown);
  }

  /** Listens while somebody of the support team is waited for or speaks. */
  #heed(handoff, token) {
    if (this.#isEnded || token !== this.#token) return;
    this.#listener.follow(handoff ? token : null);
    this.#handoff = handoff ?? null;
    this.#tell("handoff", this.#handoff);
  }

  async #deliver(entry, isFirst, isAnew = false) {
    const version = this.#version;
    const token = this.#token;
    try {
      if (!token) throw Object.assign(new Error("no token"), { isDenied: true });
      const content = entry.payload ? { payload: entry.payload } : { text: entry.text };
      const { messages: answer, handoff } = await this.#api.send(token, { ...content, client_message_id: entry.id });
      if (this.#isEnded) return;
      this.#heed(handoff, token);
      this.#tell("trouble", null);
      this.#outbox.remove(entry);
      this.#show(entry, null);
      // What was sent before, or while another tab spoke, may have been answered already: the gateway knows the order.
      const isNews = isFirst && version === this.#version;
      if (isNews || !(await this.#sync())) this.#take([asMessage(entry), ...answer.map(fromBot)], 1);
    } catch (error) {
      if (error.isDenied) {
        if (isAnew) throw new Unreachable(); // kept, and tried again
        return this.#deliverAnew(entry, token);
      }
      if (error.isFinal && entry.payload) return this.#deliverAsText(entry);
      if (error.isPassing) this.#tell("trouble", error);
      throw error;
    } finally {
      this.#chat.typing(false);
    }
  }

  /** The conversation has ended meanwhile: the message goes into a new one. */
  async #deliverAnew(entry, token) {
    if (this.#token === token) {
      try {
        this.#replace(await this.#ensure());
      } catch (error) {
        if (!error.isDenied) throw error;
        this.#tell("refused", error);
        throw new Unreachable(); // the message waits for somebody to be believed
      }
    }
    if (!this.#isEnded) await this.#deliver(entry, true, true);
  }

  /** A button of an ended conversation means nothing in a new one; its words do. */
  async #deliverAsText({ payload, title, ...entry }) {
    const worded = { ...entry, text: title };
    this.#outbox.keep(worded);
    await this.#deliver(worded, true, true);
  }

  /** Another tab has written a message, had one answered, or left the conversation for a new one. */
  #onOtherTab(name) {
    if (!this.#isProven) return;
    if (!this.#token) this.start();
    else if (name !== this.#name || this.#token !== this.#shownToken) this.#sync();
  }

  /** Shows what the gateway has now; false if it could not be asked. */
  async #sync() {
    try {
      let history;
      for (let version = null; version !== this.#version && !this.#isEnded; ) {
        version = this.#version;
        history = await this.#history(this.#token);
      }
      if (!this.#isEnded) this.#replace(history);
      return true;
    } catch {
      return false; // the next message finds out why
    }
  }

  /** Shows what the gateway has: what is new is appended; only if something differs is everything shown anew. */
  #replace(history) {
    if (this.#isEnded) return;
    this.#version += 1;
    this.#shownToken = this.#token;
    this.#chat.typing(false);
    const pending = this.#outbox.entries();
    const isPending = (message) => pending.some((entry) => entry.id === message.client_message_id);
    const messages = history.filter((message) => !isPending(message));
    const isSame = this.#known.length > 0 && this.#known.every((known, index) => isAlike(known, messages[index]));
    const fresh = messages.slice(this.#known.length);
    // One's own message may stand elsewhere than where the gateway has it, if another tab spoke at the same moment; one
    // that comes first there stands right.
    if (isSame && !fresh.slice(1).some((message) => this.#placed.has(message.client_message_id))) {
      this.#take(fresh, 0);
    } else if (this.#hasEnded) {
      this.#hasEnded = false;
      this.#known = [];
      this.#chat.history([]);
      // Where the eye is: before the greeting, or between it and what was just written.
      if (!pending.length) this.#tell("ended");
      this.#take(messages, 0);
      if (pending.length) this.#tell("ended");
    } else {
      this.#known = messages;
      this.#placed.clear();
      this.#chat.history(messages.map((message) => ({ id: message.client_message_id, ...message, state: undefined })));
    }
    pending.forEach((entry) => this.#show(entry, this.#outbox.state(entry)));
  }

  #take(messages, alreadyShown) {
    this.#version += 1;
    messages.forEach((message, index) => {
      this.#known.push(message);
      this.#placed.delete(message.client_message_id);
      if (index >= alreadyShown) this.#chat.append({ id: message.client_message_id, ...message, state: undefined });
      this.#tell("message", message);
    });
  }

  #has(id) {
    return this.#known.some((message) => message.client_message_id === id);
  }

  #show(entry, state) {
    if (this.#isEnded) return;
    if (!this.#has(entry.id)) this.#placed.add(entry.id);
    this.#chat.append({ ...asMessage(entry), id: entry.id, state });
    if (state) this.#chat.typing(state === "sending");
    if (state === "failed") this.#tell("trouble", null); // the message itself says so from now on
  }

  #pause(seconds) {
    return new Promise((resume) => {
      this.#resume = resume;
      setTimeout(resume, seconds * 1000);
    });
  }
}

function asMessage(entry) {
  return { side: "person", text: entry.text ?? entry.title, time: entry.time, client_message_id: entry.id };
}

/** A message of the support team is one of the bot's with a name, or a line of its own: who speaks from now on. */
function asShown({ handoff, support, ...message }) {
  if (!support) return message;
  return handoff ? { ...message, side: "note", name: support, change: handoff } : { ...message, side: "bot", name: support };
}

function fromBot(message) {
  return { side: "bot", time: new Date().toISOString(), ...message };
}

function isAlike(one, other) {
  if (!other || one.side !== other.side) return false;
  if (one.change !== other.change || one.name !== other.name) return false;
  // The gateway may have tidied up what the person typed.
  return one.side === "person" ? one.client_message_id === other.client_message_id : one.text === other.text;
}

/**
 * Runs f while no other tab runs under the same name. Where the browser has no locks (they need https or localhost) or
 * grants us none (it denies embedded pages all storage), there is nothing that tabs share either.
 */
async function exclusively(name, f) {
  let hasRun = false;
  try {
    return await navigator.locks.request(name, () => {
      hasRun = true;
      return f();
    });
  } catch (error) {
    if (hasRun) throw error;
    return f();
  }
}
