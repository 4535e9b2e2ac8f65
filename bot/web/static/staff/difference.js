// Where two addresses differ.

/** Pieces {text, differs} of both; for a near miss the letters that differ, else the whole part before or after the @. */
export function parts(contact, login, compared) {
  const split = (address) => (address ? [address.slice(0, address.lastIndexOf("@")), address.slice(address.lastIndexOf("@"))] : []);
  const [ours, theirs] = [split(contact), split(login)];
  const result = [[], []];
  for (const index of [0, 1]) {
    const pair = [ours[index], theirs[index]];
    const isSame = pair[0] === pair[1] || pair.includes(undefined);
    const pieces = !isSame && compared === "near_miss" ? letters(...pair) : pair.map((text) => [{ text, differs: !isSame }]);
    pieces.forEach((some, side) => result[side].push(...some.filter(({ text }) => text)));
  }
  return result;
}

function letters(one, other) {
  let begin = 0;
  while (begin < Math.min(one.length, other.length) && one[begin] === other[begin]) begin += 1;
  let end = 0;
  while (end < Math.min(one.length, other.length) - begin && one.at(-1 - end) === other.at(-1 - end)) end += 1;
  return [one, other].map((text) => [
    { text: text.slice(0, begin), differs: false },
    { text: text.slice(begin, text.length - end), differs: true },
    { text: text.slice(text.length - end), differs: false },
  ]);
}
