// Brings new mails onto the page without a reload, so that what somebody reads or selects stays where it is.
const EVERY = 3000; // milliseconds

async function refresh() {
  if (document.hidden) return;
  const response = await fetch("/mailbox");
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const shown = document.getElementById("letters");
  const fresh = page.getElementById("letters");
  if (fresh && fresh.textContent !== shown.textContent) shown.replaceChildren(...fresh.childNodes);
}

setInterval(() => refresh().catch(() => undefined), EVERY); // the next look may find the server again
document.addEventListener("visibilitychange", () => refresh().catch(() => undefined));
