// The only way to the server: JSON, and one stream that says what has changed.

/**
 * @param {string} path
 * @returns {Promise<any>}
 */
export async function read(path) {
  const answer = await fetch(`/api/${path}`);
  return checked(answer);
}

/**
 * Do something; throws an Error with the server's own words when it is refused.
 * @param {string} path
 * @param {object} body
 * @returns {Promise<any>}
 */
export async function send(path, body = {}) {
  const answer = await fetch(`/api/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return checked(answer);
}

/**
 * @param {Response} answer
 * @returns {Promise<any>}
 */
async function checked(answer) {
  const found = await answer.json().catch(() => ({ error: { message: `HTTP ${answer.status}`, hint: "" } }));
  if (answer.ok) return found;
  throw new Error([found.error.message, found.error.hint].filter(Boolean).join(" "));
}

/**
 * Call `changed(subjects)` whenever something changed, and `lost(true|false)` as the stream goes and comes back.
 * @param {(subjects: Read[]) => void} changed
 * @param {(isLost: boolean) => void} lost
 */
export function listen(changed, lost) {
  const stream = new EventSource("/events");
  stream.addEventListener("changed", (event) => changed(JSON.parse(event.data)));
  stream.addEventListener("open", () => lost(false));
  stream.addEventListener("error", () => lost(true));
}
