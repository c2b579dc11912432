// What went over the wire, call by call, each opening to what it carried.

import { el } from "./dom.js";
import { state } from "./state.js";
import { word } from "./words.js";

const opened = new Set();

/**
 * @param {number} since
 * @param {() => void} everything
 */
export function wireList(since, everything) {
  const entries = state.wire.filter((each) => each.number > since);
  const more = since
    ? el("button", { type: "button", class: "link-button", onclick: everything, text: word("everything") })
    : null;
  if (!entries.length) return el("div", {}, el("p", { class: "quiet", text: word("no_wire") }), more);
  return el("div", { class: "wire" }, more, [...entries].reverse().map(line));
}

/** @param {WireEntry} entry */
function line(entry) {
  const made = el(
    "details",
    { class: entry.ok ? null : "failed", open: opened.has(entry.number) },
    el(
      "summary",
      {},
      el("time", { text: new Date(entry.at * 1000).toLocaleTimeString("en-GB") }),
      el("span", { class: `from ${entry.sender}`, text: `${entry.sender} → ${entry.receiver}` }),
      el("b", { text: entry.what }),
      el("span", { class: "note", text: entry.note }),
    ),
  );
  const fillIn = () => {
    if (made.children.length > 1) return;
    made.append(
      ...[
        { name: word("sent"), value: entry.detail },
        { name: word("received"), value: entry.answer },
      ]
        .filter(({ value }) => value !== null && value !== undefined && JSON.stringify(value) !== "{}")
        .map(({ name, value }) =>
          el(
            "div",
            { class: "carried" },
            el("h4", { text: name }),
            el("pre", { class: "code", tabindex: 0, text: shortened(value) }),
          ),
        ),
    );
  };
  made.addEventListener("toggle", () => {
    if (made.open) {
      opened.add(entry.number);
      fillIn();
    } else opened.delete(entry.number);
  });
  if (made.open) fillIn();
  return made;
}

/** @param {unknown} value */
function shortened(value) {
  const text = JSON.stringify(value, null, 2);
  return text.length > 30000 ? `${text.slice(0, 30000)}\n…` : text;
}
