// A word to the person: what went wrong, or what is being done. It leaves by itself.

let timer = 0;

export function say(text, seconds = 6) {
  const box = document.getElementById("told");
  box.textContent = text;
  box.classList.toggle("shown", Boolean(text));
  clearTimeout(timer);
  if (text && seconds) timer = setTimeout(() => say(""), seconds * 1000);
}

/** Do something; what is refused is told. True when it was done. */
export async function attempt(work) {
  try {
    await work();
    return true;
  } catch (error) {
    say(error.message, 10);
    return false;
  }
}
