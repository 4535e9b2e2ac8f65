// The pretended portal lets nobody in: it shows the errors that real people come to the chat with.
for (const form of document.querySelectorAll("form[data-error]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const says = form.querySelector(".says");
    const ask = document.createElement("button");
    ask.type = "button";
    ask.textContent = form.dataset.ask;
    ask.addEventListener("click", () => window.Portiere?.open());
    says.replaceChildren(`${form.dataset.error} `, ask);
  });
}
