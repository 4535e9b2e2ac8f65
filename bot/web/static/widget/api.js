// The gateway's API of one channel (docs/architecture.md).
const LONGEST_WAIT = 40_000; // milliseconds; the gateway gives up after 15, or 20 for the copy of a message

/**
 * The answer was an error: the gateway's own, a problem document, or that of somebody on the way to it, who decides
 * nothing about the conversation. `retryAfter` is in seconds, or null.
 */
export class Refused extends Error {
  constructor(response) {
    super(`status ${response.status}`);
    this.status = response.status;
    this.retryAfter = Number(response.headers.get("Retry-After")) || null;
    this.isOurs = response.headers.get("Content-Type")?.startsWith("application/problem+json") ?? false;
  }

  /** Whether the same request may succeed later. */
  get isPassing() {
    return this.status >= 500 || [408, 409, 425, 429].includes(this.status);
  }

  /** Whether the same request will never succeed. */
  get isFinal() {
    return this.isOurs && [413, 422].includes(this.status);
  }

  /** Whether the gateway does not believe the token. */
  get isDenied() {
    return this.isOurs && this.status === 401;
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

  /** Whether a kept conversation is that of whom a token of the portal names; `Refused` with 401 if it is not. */
  prove(token, identity) {
    return this.#call("POST", "identity", token, { identity });
  }

  /** Ends a conversation, whether or not anybody waits for it. */
  end(token) {
    if (token) this.#call("DELETE", "sessions", token).catch(() => {}); // it ends by itself later
  }

  /** What was said so far, and how the hand-off stands: {messages, handoff}. */
  messages(token) {
    return this.#call("GET", "messages", token);
  }

  /** The answer to a message, and how the hand-off stands: {messages, handoff}. */
  send(token, message) {
    return this.#call("POST", "messages", token, message);
  }

  /** The stream of what is said without having been asked for; `signal` ends it. */
  async listen(token, lastId, signal) {
    const headers = { Accept: "text/event-stream", Authorization: `Bearer ${token}` };
    if (lastId) headers["Last-Event-ID"] = lastId;
    let response;
    try {
      response = await fetch(`/api/${this.#channel}/events`, { headers, signal, cache: "no-store" });
    } catch {
      throw new Unreachable();
    }
    if (!response.ok) throw new Refused(response);
    return response.body;
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
      response = await fetch(`/api/${this.#channel}/${path}`, { method, headers, body: body && JSON.stringify(body), signal, keepalive: method === "DELETE" });
      if (response.ok) return response.status === 204 ? null : await response.json();
    } catch {
      throw new Unreachable();
    }
    throw new Refused(response);
  }
}
