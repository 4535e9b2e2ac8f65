// The queue as it changes. Without it the page shows what was there when it was opened.
import { show } from "/static/console/waiting.js";

const STEP = 4_000; // milliseconds
const queue = document.getElementById("queue");
const trouble = document.getElementById("trouble");

async function look() {
  if (document.hidden) return;
  try {
    const response = await fetch(queue.dataset.source, { redirect: "error", signal: AbortSignal.timeout(10_000) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html").body.firstElementChild;
    trouble.hidden = true;
    if (fresh.innerHTML === queue.firstElementChild.innerHTML) return;
    const focused = queue.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    queue.replaceChildren(fresh);
    if (focused) queue.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
    show(Number(fresh.dataset.waiting));
  } catch {
    trouble.hidden = false;
  }
}

setInterval(look, STEP);
document.addEventListener("visibilitychange", look);
