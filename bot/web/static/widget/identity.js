// Where the browser keeps what is said with whom the page names; the gateway alone believes tokens.
const SIGNED_OUT = "signedOut"; // when somebody last signed out, for all tabs
const KNOWN = "known.";

/** The slot of the person that a token names: their name is not to be read in the browser's storage. */
export async function slotOf(token) {
  const claims = token.split(".")[1] ?? "";
  let name = claims;
  try {
    name = JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/"))).sub ?? claims;
  } catch {
    // The gateway will refuse it and say why.
  }
  return KNOWN + (await digest(String(name)));
}

async function digest(name) {
  if (!crypto.subtle) return name; // without https there is no SHA-256, nor anything that it could hide
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(name));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What all tabs of a site know of people who have signed out. */
export class SignOuts {
  #store;
  #api;

  /** `obey()` is called whenever another tab may have signed somebody out. */
  constructor(store, api, obey) {
    this.#store = store;
    this.#api = api;
    store.watch(SIGNED_OUT, obey);
    addEventListener("pageshow", obey); // a page that comes back from the browser's memory was told nothing meanwhile
  }

  /** Whether somebody has signed out since the page named a person, at a moment of its own clock. */
  isAfter(since) {
    const last = this.#store.get(SIGNED_OUT);
    return last !== null && since < last && last <= Date.now(); // a clock that was set back must not shut people out
  }

  /** Ends and drops what was said with people whom a page has named. Done once for each moment. */
  note(moment) {
    if (this.#store.get(SIGNED_OUT) === moment) return;
    // First, so that no other tab takes what goes for a conversation that is begun anew.
    this.#store.set(SIGNED_OUT, moment);
    for (const name of this.#store.names(KNOWN)) {
      if (name.endsWith(".session")) this.#api.end(this.#store.get(name)?.token);
      this.#store.remove(name);
    }
  }
}
