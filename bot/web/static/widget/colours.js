// The host page's colours in our frame. What is no colour is not taken; text on the accent is always readable.
const CHOSEN = ["accent", "on-accent"];

/** Takes `{accent?, "on-accent"?}` as the page gave them. */
export function paint(given) {
  const style = document.documentElement.style;
  for (const name of CHOSEN) {
    const value = given?.[name];
    if (typeof value === "string" && CSS.supports("color", value)) style.setProperty(`--${name}`, value);
  }
  if (style.getPropertyValue("--accent") && !style.getPropertyValue("--on-accent")) {
    style.setProperty("--on-accent", luminance(style.getPropertyValue("--accent")) > 0.18 ? "#10181a" : "#ffffff");
  }
}

/** Relative luminance of a colour (WCAG 2.2); 0.18 divides those on which white from those on which black reads better. */
function luminance(colour) {
  const canvas = document.createElement("canvas").getContext("2d");
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
