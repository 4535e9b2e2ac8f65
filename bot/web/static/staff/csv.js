// Tables as CSV that spreadsheets open as they are: UTF-8 with a byte order mark, every cell quoted (RFC 4180).
const FORMULA = /^\s*[=+\-@\t\r＝＋－＠]/;

/** The text of a file; what a spreadsheet would take for a formula begins with an apostrophe. */
export function asCsv(rows, separator) {
  const cell = (text) => `"${(FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
  return `\ufeff${rows.map((row) => row.map(cell).join(separator)).join("\r\n")}\r\n`;
}
