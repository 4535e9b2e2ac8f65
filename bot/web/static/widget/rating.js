// Thumbs and a remark. Asked for once in a conversation, when it seems to be over: nothing said for a while, and nobody
// of the support team waited for.
const QUIET = 60_000; // milliseconds
const ENOUGH = 2; // messages

export class Rating {
  #dialog;
  #words;
  #send;
  #timer = 0;

  constructor(dialog, words, send) {
    this.#dialog = dialog;
    this.#words = words;
    this.#send = send;
    dialog.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#give();
    });
    dialog.querySelector("[data-later]").addEventListener("click", () => this.#hide());
    dialog.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      this.#hide();
    });
  }

  /** Asks after a pause, if enough was said in the conversation and it has not been asked for yet. */
  expect(conversation) {
    clearTimeout(this.#timer);
    if (conversation.isAsked || conversation.count < ENOUGH) return;
    this.#timer = setTimeout(() => {
      if (conversation.isAsked || conversation.isHandedOff) return;
      conversation.isAsked = true;
      this.#open(false);
    }, QUIET);
  }

  show() {
    this.#open(true);
  }

  /** Another conversation has begun. */
  forget() {
    clearTimeout(this.#timer);
    this.#dialog.hidden = true;
  }

  #open(isWanted) {
    clearTimeout(this.#timer);
    this.#dialog.querySelector("form").reset();
    this.#say("");
    this.#dialog.hidden = false;
    if (isWanted) this.#dialog.querySelector("input").focus();
  }

  #hide() {
    this.#dialog.hidden = true;
    document.querySelector("portiere-chat textarea").focus();
  }

  async #give() {
    const form = new FormData(this.#dialog.querySelector("form"));
    const remark = form.get("remark").trim();
    try {
      await this.#send({ thumb: form.get("thumb"), ...(remark && { remark }) });
    } catch {
      this.#say(this.#words.rateFailed);
      return;
    }
    this.#say(this.#words.rateThanks);
    setTimeout(() => this.#hide(), 1800);
  }

  #say(text) {
    this.#dialog.querySelector("[role=status]").textContent = text;
  }
}
