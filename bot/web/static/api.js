// The gateway's widget API (docs/architecture.md). The token lives as long as the browser tab.
const KEY = "portiere.session";

export class Refused extends Error {
  constructor(status) {
    super(`status ${status}`);
    this.status = status;
  }
}

async function call(method, path, { token, body } = {}) {
  const headers = { Accept: "application/json" };
  if (body) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  if (!response.ok) throw new Refused(response.status);
  return response.json();
}

export class Session {
  #token = sessionStorage.getItem(KEY);

  /** The conversation so far, or null if there is none that is alive. */
  async resume() {
    if (!this.#token) return null;
    try {
      return (await call("GET", "/api/widget/messages", { token: this.#token })).messages;
    } catch (error) {
      if (error.status !== 401) throw error;
      this.forget();
      return null;
    }
  }

  /** Begins a conversation and returns the greeting. */
  async open() {
    const opened = await call("POST", "/api/widget/sessions", { body: { language: "it" } });
    this.#token = opened.token;
    sessionStorage.setItem(KEY, opened.token);
    return opened.messages;
  }

  /** Sends `{text}` or `{payload}` under an id of ours, so that sending it again is harmless. */
  async send(message, id) {
    const body = { ...message, client_message_id: id };
    return (await call("POST", "/api/widget/messages", { token: this.#token, body })).messages;
  }

  forget() {
    this.#token = null;
    sessionStorage.removeItem(KEY);
  }
}
