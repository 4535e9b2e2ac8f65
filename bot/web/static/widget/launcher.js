// What `/widget.js` puts on a page: a button that opens the chat in a frame of ours. Everything lies in a shadow root
// with styles made through CSSOM, so that it works under a host page's strict policy and no style sheet reaches it.
(() => {
  const script = document.currentScript;
  if (!script || window.Portiere) return;
  const texts = /* texts */ {};
  const home = new URL(script.src).origin;
  const language = script.dataset.language in texts ? script.dataset.language : Object.keys(texts)[0];
  const words = texts[language];
  const listeners = new Map();
  const REMEMBERED = "portiere.open"; // in this tab only: whether the chat was left open
  const UNREAD = "portiere.unread"; // in this tab only: what the badge says
  const NAMED = "portiere.named"; // in all tabs: whether the chat was told who is signed in
  let identity = script.dataset.identity || (script.hasAttribute("data-identity") ? null : undefined);
  let since = Date.now(); // when the page said so
  let frame = null;
  let isGreeted = false;
  let isOpen = false;
  let covered = null; // the page's body, and whether it was inert, while the chat lies over all of it
  script.removeAttribute("data-identity");

  // `:host` with !important wins even over `* { … !important }` of the page (CSS Scoping, section 3.3.1).
  const STYLE = `
    :host { all: initial !important; position: fixed !important; z-index: 2147483000 !important; inset: auto 0 0 auto !important; display: block !important; color-scheme: light dark !important; }
    .launcher { all: initial; box-sizing: border-box; position: fixed; bottom: max(20px, env(safe-area-inset-bottom)); inset-inline: auto max(20px, env(safe-area-inset-right)); width: 60px; height: 60px; border-radius: 30px; background: var(--accent); color: var(--on-accent); cursor: pointer; display: grid; place-items: center; box-shadow: 0 6px 20px rgb(0 0 0 / 28%); transition: transform .15s; }
    .launcher:hover { transform: scale(1.05); }
    .launcher:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; box-shadow: 0 0 0 3px #fff; }
    .launcher svg { width: 28px; height: 28px; }
    .badge { position: absolute; top: -3px; right: -3px; box-sizing: border-box; min-width: 22px; height: 22px; padding: 0 6px; border: 2px solid #fff; border-radius: 11px; background: #b3261e; color: #fff; font: 700 12px/18px system-ui, sans-serif; text-align: center; }
    .badge[hidden] { display: none; }
    .status { position: fixed; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    .panel { box-sizing: border-box; position: fixed; bottom: calc(max(20px, env(safe-area-inset-bottom)) + 74px); inset-inline: auto max(20px, env(safe-area-inset-right)); width: min(400px, 100vw - 40px); height: min(660px, 100vh - 114px); height: min(660px, 100dvh - 114px); border-radius: 18px; overflow: hidden; background: Canvas; box-shadow: 0 12px 48px rgb(0 0 0 / 30%), 0 0 0 1px rgb(0 0 0 / 8%); opacity: 0; visibility: hidden; transform: translateY(12px); transition: opacity .16s, transform .16s, visibility 0s .16s; }
    .open .panel { opacity: 1; visibility: visible; transform: none; transition-delay: 0s; }
    .left .launcher, .left .panel { inset-inline: max(20px, env(safe-area-inset-left)) auto; }
    iframe { display: block; width: 100%; height: 100%; border: 0; color-scheme: light dark; }
    @media (max-width: 480px) {
      .panel { inset: var(--top, 0) 0 auto 0 !important; width: 100vw; height: var(--height, 100vh); height: var(--height, 100dvh); border-radius: 0; }
      .open.greeted .launcher { visibility: hidden; }
      .open:not(.greeted) .launcher { z-index: 1; }
    }
    @media (prefers-reduced-motion: reduce) { .launcher, .panel { transition: none; transform: none !important; } }
    @media print { :host { display: none !important; } }`;

  function make(tag, attributes, ...children) {
    const element = tag === "svg" || tag === "path" ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  const phone = matchMedia("(max-width: 480px)");
  const icon = make("path", { fill: "none", stroke: "currentColor", "stroke-width": "2", "stroke-linecap": "round", "stroke-linejoin": "round" });
  const badge = make("span", { class: "badge", "aria-hidden": "true", hidden: "" });
  const button = make("button", { type: "button", class: "launcher", "aria-expanded": "false" },
    make("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, icon), badge);
  const panel = make("div", { class: "panel" });
  const status = make("div", { class: "status", role: "status" });
  const box = make("div", { class: /left/.test(script.dataset.position) ? "left" : "right" }, panel, button, status);
  const host = document.createElement("portiere-widget");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  root.append(box);

  // Colours that the page gives in custom properties; what is no colour is left out.
  function colours() {
    const given = getComputedStyle(document.documentElement);
    const chosen = {};
    for (const name of ["accent", "on-accent"]) {
      const value = given.getPropertyValue(`--portiere-${name}`).trim();
      if (value && CSS.supports("color", value)) chosen[name] = value;
    }
    if (chosen.accent) chosen["on-accent"] ??= readableOn(chosen.accent);
    // Always set, or custom properties of the same name in the page would come through.
    box.style.setProperty("--accent", chosen.accent ?? "#1d5c63");
    box.style.setProperty("--on-accent", chosen["on-accent"] ?? "#ffffff");
    return chosen;
  }

  // Black or white, whichever has the higher contrast (WCAG 2.2): at least 4.58 on every colour.
  function readableOn(colour) {
    const canvas = document.createElement("canvas").getContext("2d");
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const parts = [...canvas.getImageData(0, 0, 1, 1).data].map((part) => part / 255);
    const [red, green, blue] = parts.map((part) => (part > 0.04045 ? ((part + 0.055) / 1.055) ** 2.4 : part / 12.92));
    const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
    return light / 0.05 > 1.05 / light ? "#000000" : "#ffffff";
  }

  function tell(type, fields) {
    if (isGreeted) frame.contentWindow.postMessage({ portiere: 1, type, ...fields }, home);
  }

  // What the page keeps for us. Without storage the chat is closed on the next page.
  function keep(storage, name, value) {
    try {
      window[storage].setItem(name, value);
    } catch {}
  }

  function kept(storage, name) {
    try {
      return window[storage].getItem(name);
    } catch {}
  }

  // Who is signed in: a token, null once nobody is any more, or undefined if the page does not say.
  function person() {
    if (identity !== undefined) keep("localStorage", NAMED, identity ? "1" : "");
    return { identity, since };
  }

  function load() {
    if (isGreeted) return;
    frame?.remove(); // it could not be loaded the last time
    frame = make("iframe", { title: words.frame, referrerpolicy: "no-referrer", src: `${home}/widget?language=${language}` });
    panel.append(frame);
  }

  // Whoever signs out is forgotten at once, though nobody may open the chat on this page.
  function forget() {
    if (identity !== null || frame || !kept("localStorage", NAMED)) return;
    showUnread(0);
    load();
  }

  function showUnread(count) {
    badge.textContent = count > 9 ? "9+" : count;
    badge.hidden = !count;
    const label = isOpen ? words.close : words.open;
    const news = count ? words.unread.replace("{count}", count) : "";
    button.setAttribute("aria-label", news ? `${label}. ${news}` : label);
    status.textContent = news;
    keep("sessionStorage", UNREAD, count);
  }

  function setOpen(wanted, focus) {
    const wasInside = root.activeElement === frame && document.activeElement === host;
    if (wanted && !isOpen) load();
    isOpen = wanted;
    box.classList.toggle("open", isOpen);
    button.setAttribute("aria-expanded", isOpen);
    icon.setAttribute("d", isOpen ? "M6 9l6 6 6-6" : "M21 12a8 8 0 0 1-8 8H4l1.9-3.2A8 8 0 1 1 21 12zM9 10.5h8M9 14h5");
    showUnread(0);
    keep("sessionStorage", REMEMBERED, isOpen ? "1" : "");
    fit();
    cover();
    tell("open", { isOpen, focus });
    if (isOpen && focus) frame.focus();
    if (!isOpen && wasInside) button.focus();
  }

  // On a phone the chat hides the page, which nobody can reach then: the chat is a modal dialog.
  function cover() {
    const isModal = isOpen && isGreeted && phone.matches;
    if (isModal === (covered !== null)) return;
    const attributes = { role: "dialog", "aria-modal": "true", "aria-label": words.frame };
    if (isModal) {
      covered = { body: document.body, inert: document.body.inert };
      document.body.inert = true;
      for (const [name, value] of Object.entries(attributes)) panel.setAttribute(name, value);
    } else {
      covered.body.inert = covered.inert;
      covered = null;
      for (const name of Object.keys(attributes)) panel.removeAttribute(name);
    }
  }

  // On a phone the panel covers what the on-screen keyboard leaves.
  function fit() {
    const view = window.visualViewport;
    if (!view || view.scale > 1.01) return;
    box.style.setProperty("--top", `${view.offsetTop}px`);
    box.style.setProperty("--height", `${view.height}px`);
  }

  function emit(name, detail) {
    for (const listener of listeners.get(name) ?? []) listener(detail);
  }

  addEventListener("message", ({ origin, source, data }) => {
    if (!frame || origin !== home || source !== frame.contentWindow || data?.portiere !== 1) return;
    if (data.type === "ready") {
      isGreeted = true;
      box.classList.add("greeted"); // from now on the frame has a button that closes it
      cover();
      tell("hello", { ...person(), colours: colours(), isOpen, focus: root.activeElement === frame });
    } else if (data.type === "close") setOpen(false, false);
    else if (data.type === "unread") showUnread(isOpen ? 0 : Number(data.count) || 0);
    else if (data.type === "message") emit("message", { side: data.side, unread: data.unread });
    else if (data.type === "refused") emit("refused", {});
  });

  const repaint = () => tell("paint", { colours: colours() });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  phone.addEventListener("change", cover);
  addEventListener("load", repaint); // the page's style sheets may come later than we
  button.addEventListener("click", () => setOpen(!isOpen, true));
  window.visualViewport?.addEventListener("resize", fit);
  window.visualViewport?.addEventListener("scroll", fit);

  window.Portiere = Object.freeze({
    /** Says who the person is by a token that the portal has signed; null once they have logged out. */
    identify(token) {
      identity = token || null;
      since = Date.now();
      if (isGreeted) tell("identify", person());
      else forget();
    },
    open: () => setOpen(true, true),
    close: () => setOpen(false, false),
    /** Calls f for every "message" ({side, unread}: never its text), or when a token was "refused". */
    on(name, f) {
      listeners.set(name, [...(listeners.get(name) ?? []), f]);
    },
  });

  function appear() {
    document.documentElement.append(host);
    colours();
    const unread = Number(kept("sessionStorage", UNREAD)) || 0;
    setOpen(kept("sessionStorage", REMEMBERED) === "1" && !phone.matches, false);
    if (!isOpen) showUnread(unread);
    forget();
  }
  if (document.body) appear();
  else addEventListener("DOMContentLoaded", appear);
})();
