// The conversation as a text file, made in the browser.

/** Lines of text, each message with its time and speaker. */
export function asText(messages, texts) {
  const moment = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
  const lines = messages.map((message) => {
    if (message.side === "note") return `— ${texts.chat[message.change].replace("{name}", message.name)}\n`;
    const speaker = message.side === "person" ? texts.chat.person : message.name ?? texts.chat.bot;
    const choices = message.buttons?.length ? `\n  [${message.buttons.map((button) => button.title).join("] [")}]` : "";
    return `[${moment.format(new Date(message.time))}] ${speaker}:\n${message.text}${choices}\n`;
  });
  return `${texts.frame.transcriptTitle}\n\n${lines.join("\n")}`;
}

/** Has the browser save a text under a name. */
export function save(text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
