// A press is two events, down and up, and is lost when what was pressed is drawn anew between them.

let lifted = Promise.resolve();
let lift = () => {};

addEventListener(
  "pointerdown",
  (event) => {
    if (!event.isPrimary || event.button !== 0) return;
    lift();
    lifted = new Promise((resolve) => {
      lift = resolve;
    });
  },
  true,
);
// The click comes after the pointer is up, in the same turn: it must find the page as it was.
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(lift), true);
addEventListener("blur", () => lift());

/** Until no pointer presses anything. */
export function unpressed() {
  return lifted;
}
