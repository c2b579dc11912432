// A word to the person: what went wrong, or what is being done. It leaves by itself.

import { byId } from "./dom.js";

let timer = 0;

/** @param {string} text */
export function say(text, seconds = 6) {
  const box = byId("told");
  box.textContent = text;
  box.classList.toggle("shown", Boolean(text));
  clearTimeout(timer);
  if (text && seconds) timer = setTimeout(() => say(""), seconds * 1000);
}

/**
 * Do something; what is refused is told. True when it was done.
 * @param {() => unknown} work
 */
export async function attempt(work) {
  try {
    await work();
    return true;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error), 10);
    return false;
  }
}
