// The host page's colours in our frame. What is no colour is not taken, whatever the launcher says.
const NAMES = ["accent", "on-accent"];

/** Takes `{accent?, "on-accent"?}`; what is not given is ours again. */
export function paint(given) {
  for (const name of NAMES) {
    const value = given?.[name];
    const isColour = typeof value === "string" && CSS.supports("color", value);
    document.documentElement.style.setProperty(`--${name}`, isColour ? value : "");
  }
}
