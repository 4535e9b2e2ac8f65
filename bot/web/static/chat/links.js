// Text with its addresses made clickable. Everything stays text: no markup is ever read out of it.
const ADDRESS = /\bhttps:\/\/[^\s<>"«»]+|\b(?:mailto|tel):[^\s<>"«»]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\+\d[\d ]{6,}\d/g;
const AFTER = /[.,;:!?)\]»'"]+$/;
const SCHEMES = new Set(["https:", "mailto:", "tel:"]);

function target(found) {
  const written = found.startsWith("+") ? `tel:${found.replaceAll(" ", "")}` : found;
  const address = /^(https|mailto|tel):/.test(written) ? written : `mailto:${written}`;
  try {
    const url = new URL(address);
    return SCHEMES.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** The nodes of a text. */
export function withLinks(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const found = match[0].replace(AFTER, "");
    const href = target(found);
    if (!href) continue;
    const link = document.createElement("a");
    link.href = href;
    link.textContent = found;
    if (href.startsWith("https:")) {
      link.target = "_blank";
      link.rel = "noopener noreferrer";
    }
    nodes.push(text.slice(end, match.index), link);
    end = match.index + found.length;
  }
  nodes.push(text.slice(end));
  return nodes.filter((node) => node !== "");
}
