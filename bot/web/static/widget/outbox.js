// Messages on their way: kept until they are answered, sent one after the other in order, sent again until they arrive.
// Every one carries an id that the gateway answers once only, so that sending it again never doubles it.
const MOST_TRIES = 6;
const ABANDONED = 45_000; // milliseconds after which a message of another tab counts as left behind

export class Outbox {
  #store;
  #beginning;
  #deliver;
  #report;
  #own = new Set();
  #untried = new Set();
  #aside = new Set(); // refused on their way: the others go on, until the person tries again
  #isRunning = false;
  #isEnded = false;
  #tries = 0;
  #pausedBy = null; // why nothing is being sent: "waiting", "busy" or "failed"
  #wake = () => {};

  /** `deliver(entry, isFirstTry)` sends one and returns when it is answered; `report(entry, state)` says how it stands. */
  constructor(store, slot, deliver, report) {
    this.#store = store;
    this.#beginning = `${slot}.outbox.`;
    this.#deliver = deliver;
    this.#report = report;
  }

  /** All that are not answered yet, this tab's and others', in the order in which they were written. */
  entries() {
    const found = this.#store.names(this.#beginning).map((name) => this.#store.get(name)).filter(Boolean);
    return found.sort((one, other) => one.order - other.order);
  }

  /** Keeps a message {text} or {payload, title} and sends it in its turn. */
  add(message) {
    const last = this.entries().at(-1)?.order ?? 0;
    const entry = { ...message, id: newId(), order: Math.max(Date.now(), last + 1), time: new Date().toISOString() };
    this.#own.add(entry.id);
    this.#untried.add(entry.id);
    this.keep(entry);
    this.#report(entry, this.state(entry));
    this.#run();
  }

  /** How a message that is not being sent right now stands. */
  state(entry) {
    return this.#aside.has(entry.id) ? "failed" : this.#pausedBy ?? "sending";
  }

  /** Takes over what an earlier page or a closed tab has left behind. */
  adopt(isFirst) {
    for (const entry of this.entries()) {
      if (this.#own.has(entry.id) || (!isFirst && Date.now() - entry.order < ABANDONED)) continue;
      this.#own.add(entry.id);
      this.#report(entry, this.state(entry));
    }
    this.#run();
  }

  /** Tries again now: the connection is back, or the person asked for it. */
  wake() {
    this.#tries = 0;
    this.#aside.clear();
    this.#wake();
    this.#run();
  }

  keep(entry) {
    this.#store.set(this.#beginning + entry.id, entry);
  }

  remove(entry) {
    this.#own.delete(entry.id);
    this.#aside.delete(entry.id);
    this.#store.remove(this.#beginning + entry.id);
  }

  /** Drops everything: the conversation is left. */
  clear() {
    this.entries().forEach((entry) => this.remove(entry));
  }

  end() {
    this.#isEnded = true;
    this.#wake();
  }

  async #run() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (let [entry] = this.#waiting(); entry && !this.#isEnded; [entry] = this.#waiting()) {
        if (!(await this.#send(entry))) break;
      }
    } finally {
      this.#isRunning = false;
    }
  }

  #waiting() {
    return this.entries().filter((entry) => this.#own.has(entry.id) && !this.#aside.has(entry.id));
  }

  /** Whether the next one may follow. */
  async #send(entry) {
    this.#pausedBy = null;
    this.#report(entry, "sending");
    try {
      await this.#deliver(entry, this.#untried.delete(entry.id));
      this.#tries = 0;
      return true;
    } catch (error) {
      if (this.#isEnded) return false;
      if (error.isFinal) {
        this.remove(entry);
        this.#report(entry, "refused");
        return true;
      }
      if (error.isPassing === false) {
        this.#aside.add(entry.id);
        this.#report(entry, "failed");
        return true;
      }
      const isBusy = error.status === 429;
      if (!isBusy && navigator.onLine) this.#tries += 1;
      const mayTry = this.#tries < MOST_TRIES;
      this.#pausedBy = !mayTry ? "failed" : isBusy ? "busy" : "waiting";
      this.#waiting().forEach((other) => this.#report(other, this.#pausedBy));
      if (mayTry) await this.#pause(error.retryAfter);
      return mayTry;
    }
  }

  #pause(seconds) {
    const backOff = Math.min(30, 2 ** Math.max(0, this.#tries - 1)) * (0.75 + Math.random() / 2);
    return new Promise((resume) => {
      this.#wake = resume;
      setTimeout(resume, (seconds ?? backOff) * 1000);
    });
  }
}

// crypto.randomUUID would need https or localhost.
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
