// The gateway's API of one channel (docs/architecture.md).
const LONGEST_WAIT = 40_000; // milliseconds; the gateway gives up after 15, or 20 for the copy of a message

/** The gateway's answer was an error. `retryAfter` is in seconds, or null. */
export class Refused extends Error {
  constructor(status, retryAfter) {
    super(`status ${status}`);
    this.status = status;
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may succeed later. */
  get isPassing() {
    return this.status >= 500 || [408, 409, 425, 429].includes(this.status);
  }
}

/** There was no answer. */
export class Unreachable extends Error {
  isPassing = true;
  retryAfter = null;
}

export class Api {
  #channel;

  constructor(channel) {
    this.#channel = channel;
  }

  /** Begins a conversation: {token, messages, …}; staff vouch for themselves by a token. */
  open(fields, token = null) {
    return this.#call("POST", "sessions", token, fields);
  }

  async messages(token) {
    return (await this.#call("GET", "messages", token)).messages;
  }

  async send(token, message) {
    return (await this.#call("POST", "messages", token, message)).messages;
  }

  rate(token, rating) {
    return this.#call("POST", "rating", token, rating);
  }

  async #call(method, path, token, body) {
    const headers = { Accept: "application/json" };
    if (body) headers["Content-Type"] = "application/json";
    if (token) headers.Authorization = `Bearer ${token}`;
    let response;
    try {
      const signal = AbortSignal.timeout(LONGEST_WAIT);
      response = await fetch(`/api/${this.#channel}/${path}`, { method, headers, body: body && JSON.stringify(body), signal });
      if (response.ok) return response.status === 204 ? null : await response.json();
    } catch {
      throw new Unreachable();
    }
    throw new Refused(response.status, Number(response.headers.get("Retry-After")) || null);
  }
}
