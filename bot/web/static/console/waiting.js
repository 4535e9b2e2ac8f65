// How many cases nobody has taken, beside the menu's entry and in the tab's name, as it changes.
const STEP = 10_000; // milliseconds
const title = document.title;

export function show(waiting) {
  for (const count of document.querySelectorAll(".band .count")) {
    count.firstElementChild.textContent = waiting;
    count.hidden = waiting === 0;
  }
  document.title = waiting ? `(${waiting}) ${title}` : title;
}

/** The first element of what an address shows. */
export async function fragment(source) {
  const response = await fetch(source, { redirect: "error", signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return new DOMParser().parseFromString(await response.text(), "text/html").body.firstElementChild;
}

/** Looks every `step` milliseconds, and when the page comes into view. */
export function keepLooking(look, step) {
  setInterval(look, step);
  document.addEventListener("visibilitychange", () => look());
}

async function look(source) {
  if (document.hidden) return;
  try {
    const response = await fetch(source, { redirect: "error", signal: AbortSignal.timeout(STEP) });
    if (response.ok) show((await response.json()).waiting);
  } catch {
    // The next look may reach it; a page that needs the answer says so itself.
  }
}

const count = document.querySelector(".band .count");
if (count) {
  show(Number(count.firstElementChild.textContent));
  if (!document.getElementById("queue")) { // the queue's page hears it with the queue
    keepLooking(() => look(count.dataset.source), STEP);
  }
}
