// The queue as it changes. Without it the page shows what was there when it was opened.
import { fragment, keepLooking, show } from "/static/console/waiting.js";

const STEP = 4_000; // milliseconds
const queue = document.getElementById("queue");
const trouble = document.getElementById("trouble");

async function look() {
  if (document.hidden) return;
  try {
    const fresh = await fragment(queue.dataset.source);
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

keepLooking(look, STEP);
