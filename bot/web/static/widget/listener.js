// Listens to a conversation while somebody of the support team may speak in it. The browser's own EventSource can't send
// the token, so the stream is read by hand (WHATWG HTML, section 9.2); it is begun anew until it is no longer wanted.

const AGAIN = 3_000; // milliseconds
const AFTER_FAILURE = 5_000;
const SILENT = 40_000; // milliseconds; the gateway gives a sign of life every 15 seconds

export class Listener {
  #api;
  #heard;
  #token = null;
  #stop = null;

  /** `heard()` is called when a stream has begun, for everything that it tells, and whenever there was none. */
  constructor(api, heard) {
    this.#api = api;
    this.#heard = heard;
  }

  /** Listens to the conversation of this token; to none with null. */
  follow(token) {
    if (token === this.#token) return;
    this.#stop?.abort();
    this.#token = token;
    this.#stop = token && new AbortController();
    if (token) this.#listen(token, this.#stop.signal);
  }

  async #listen(token, ended) {
    let lastId = null;
    while (!ended.aborted) {
      let wait = AGAIN;
      const quiet = new AbortController();
      const end = () => quiet.abort();
      ended.addEventListener("abort", end);
      let watch = setTimeout(end, SILENT);
      try {
        const stream = await this.#api.listen(token, lastId, quiet.signal);
        for await (const { id, event } of read(stream, () => { clearTimeout(watch); watch = setTimeout(end, SILENT); })) {
          if (ended.aborted) return;
          lastId = id ?? lastId;
          if (event) this.#heard();
        }
      } catch (error) {
        if (error.isDenied) return; // the next message finds out why
        if (ended.aborted) return;
        wait = Math.max((error.retryAfter ?? 0) * 1000, AFTER_FAILURE);
        this.#heard(); // refused, or held back by a proxy: what was said is read all the same
      } finally {
        clearTimeout(watch);
        ended.removeEventListener("abort", end);
      }
      if (!ended.aborted) await new Promise((resume) => setTimeout(resume, wait));
    }
  }
}

/** The events of a stream; `alive()` is called for every sign of life. */
async function* read(stream, alive) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      alive();
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) yield Object.fromEntries(block.split("\n").map((line) => line.split(/: ?(.*)/s, 2)));
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
