// The frame's side of its talk with the launcher. Only the page that embeds us is listened to, and only from the origin
// that it first spoke from; that it may embed us at all is settled by the frame-ancestors of our policy.
export class Host {
  #origin = null;

  /** `commands` are called by the type of a message from the launcher, with its fields. */
  constructor(commands) {
    addEventListener("message", ({ source, origin, data }) => {
      if (source !== window.parent || !this.isThere || data?.portiere !== 1) return;
      if (this.#origin ? origin !== this.#origin : data.type !== "hello") return;
      this.#origin = origin;
      if (Object.hasOwn(commands, data.type)) commands[data.type](data);
    });
  }

  /** Whether we are embedded, and not a page of our own. */
  get isThere() {
    return window.parent !== window;
  }

  /** Tells that we listen. It says nothing else, since we don't know yet to whom. */
  greet() {
    window.parent.postMessage({ portiere: 1, type: "ready" }, "*");
  }

  tell(type, fields = {}) {
    if (this.isThere && this.#origin) window.parent.postMessage({ portiere: 1, type, ...fields }, this.#origin);
  }
}
