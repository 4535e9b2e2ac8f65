// What the frame keeps in the browser: in localStorage, which browsers part by the embedding site, so that every page and
// tab of one site shares a conversation; in memory where storage is refused or full.
const PREFIX = "portiere.";

export class Store {
  #memory = new Map();
  #storage;

  /** `storage()` is where things are kept; a browser that denies it throws. */
  constructor(storage = () => localStorage) {
    this.#storage = storage;
  }

  /** The value under a name, or null. */
  get(name) {
    if (this.#memory.has(name)) return this.#memory.get(name);
    try {
      return JSON.parse(this.#storage().getItem(PREFIX + name));
    } catch {
      return null;
    }
  }

  set(name, value) {
    try {
      this.#storage().setItem(PREFIX + name, JSON.stringify(value));
      this.#memory.delete(name);
    } catch {
      this.#memory.set(name, value);
    }
  }

  remove(name) {
    this.#memory.delete(name);
    try {
      this.#storage().removeItem(PREFIX + name);
    } catch {
      // It was never there.
    }
  }

  /** Calls f with a name that begins so whenever another tab has changed its value; returns what ends that. */
  watch(beginning, f) {
    const onChange = ({ key }) => {
      if (key?.startsWith(PREFIX + beginning)) f(key.slice(PREFIX.length));
    };
    addEventListener("storage", onChange);
    return () => removeEventListener("storage", onChange);
  }

  /** The names that begin so. */
  names(beginning) {
    let kept = [];
    try {
      kept = Object.keys(this.#storage()).filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));
    } catch {
      // Only memory is left.
    }
    return [...new Set([...kept, ...this.#memory.keys()])].filter((name) => name.startsWith(beginning));
  }
}
