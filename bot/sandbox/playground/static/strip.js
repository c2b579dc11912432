// The strip below: the clock, what was delivered, the troubles one can switch on, what went over the wire.

import { send } from "./api.js";
import { el, fill, icon } from "./dom.js";
import { on, refresh, state } from "./state.js";
import { attempt, say } from "./told.js";
import { wireList } from "./wire.js";
import { moment, word } from "./words.js";

/** @type {HTMLElement} */
let panel;
/** @type {HTMLElement} */
let row;
/** @type {"" | "deliveries" | "troubles" | "wire"} */
let open = "";
let since = 0;

/** @param {HTMLElement} holder */
export function startStrip(holder) {
  panel = el("section", { class: "panel", hidden: true, id: "panel", tabindex: -1 });
  row = el("div", { class: "row" });
  holder.append(panel, row);
  on("strip", draw);
  on("wire", () => open === "wire" && drawPanel());
  on("me", () => state.strip && draw());
}

/**
 * Show what went over the wire since an entry.
 * @param {number} from
 */
export function showWire(from) {
  open = "wire";
  since = from;
  draw();
  panel.focus();
}

function draw() {
  const { now, growing, moved_seconds: moved, deliveries, troubles, upcoming } = state.strip;
  const grown = growing.total ? `${Math.round((100 * growing.done) / growing.total)} %` : "";
  const due = upcoming.find((each) => each.name.startsWith("summary:"));
  const troubled = Object.values(troubles).filter(Boolean).length;
  /**
   * @param {string} to
   * @param {Dom.Child} label
   * @param {string} [title]
   */
  const step = (to, label, title) =>
    el(
      "button",
      {
        type: "button",
        class: "quiet-button",
        title,
        disabled: Boolean(grown),
        data: { keep: to },
        onclick: () => forward(to),
      },
      label,
    );
  fill(
    row,
    el(
      "div",
      { class: "clock" },
      icon("clock"),
      el("b", { text: moment(now) }),
      moved ? el("span", { class: "quiet", text: word("ahead", { span: span(moved) }) }) : null,
      grown ? el("span", { class: "quiet", text: word("growing", { grown }) }) : null,
    ),
    el(
      "div",
      { class: "steps" },
      step("day", word("day")),
      step("week", word("week")),
      due
        ? step(
            "summary",
            [
              word("to_summary"),
              el("span", { class: "when", text: `${moment(due.at, { hour: undefined, minute: undefined })}` }),
            ],
            moment(due.at),
          )
        : null,
    ),
    el("span", { class: "space" }),
    opener("deliveries", "mail", deliveries.length),
    opener("troubles", "bolt", troubled, troubled > 0),
    opener("wire", "wire", 0),
  );
  drawPanel();
}

/** @param {number} seconds */
function span(seconds) {
  const days = Math.floor(seconds / 86400);
  if (days) return word(days === 1 ? "days_1" : "days", { n: days });
  return word("hours", { n: Math.round(seconds / 3600) });
}

/**
 * @param {"deliveries" | "troubles" | "wire"} name
 * @param {import("./dom.js").IconName} sign
 * @param {number} count
 */
function opener(name, sign, count, alarming = false) {
  const toggle = () => {
    open = open === name ? "" : name;
    since = 0;
    draw();
  };
  return el(
    "button",
    {
      type: "button",
      class: alarming ? "quiet-button alarming" : "quiet-button",
      "aria-expanded": String(open === name),
      "aria-controls": "panel",
      data: { part: name, keep: name },
      onclick: toggle,
    },
    icon(sign),
    el("span", { class: "label", text: word(name) }),
    count ? el("span", { class: "count", text: count }) : null,
  );
}

function drawPanel() {
  panel.hidden = !open;
  if (!open) return;
  const close = el(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-label": word("cancel"),
      onclick: () => {
        open = "";
        draw();
      },
    },
    icon("close"),
  );
  const inside = {
    deliveries: deliveriesList,
    troubles: troublesList,
    wire: () =>
      wireList(since, () => {
        since = 0;
        drawPanel();
      }),
  }[open];
  panel.setAttribute("aria-label", word(open));
  fill(panel, el("header", {}, el("h2", { text: word(open) }), close), inside());
}

function deliveriesList() {
  const { deliveries, upcoming } = state.strip;
  /** @param {string} schedule */
  const name = (schedule) => (schedule === "sheet" ? word("sheet_sync") : schedule.replace(/^[a-z]+:/, ""));
  const coming = upcoming.map((each) =>
    el("li", {}, el("span", { class: "state", text: moment(each.at) }), el("b", { text: name(each.name) })),
  );
  const past = deliveries.map((each) =>
    el(
      "li",
      {},
      el("span", { class: `state ${each.state}`, text: word(`state_${each.state}`) }),
      el("b", { text: name(each.schedule) }),
      el("span", { text: `#${each.channel}` }),
      el("span", { class: "quiet", text: word("due", { at: moment(each.due) }) }),
      each.attempts > 1 ? el("span", { class: "quiet", text: word("tries", { n: each.attempts }) }) : null,
      each.error ? el("span", { class: "wrong", text: each.error }) : null,
    ),
  );
  return el(
    "div",
    { class: "lists" },
    el(
      "div",
      {},
      el("h3", { text: word("deliveries") }),
      past.length ? el("ul", {}, past) : el("p", { class: "quiet", text: word("none_sent") }),
    ),
    el("div", {}, el("h3", { text: word("coming") }), el("ul", {}, coming)),
  );
}

function troublesList() {
  return el(
    "div",
    { class: "troubles" },
    Object.entries(state.strip.troubles).map(([name, isOn]) => {
      const box = el("input", {
        type: "checkbox",
        role: "switch",
        checked: isOn,
        data: { part: `trouble-${name}`, keep: name },
        onchange: (event) => attempt(() => send("troubles", { name, on: event.target.checked })),
      });
      return el("label", {}, box, el("span", { text: word(name) }));
    }),
  );
}

/**
 * Let time pass. True when the bot has caught up.
 * @param {string} to
 */
export async function forward(to) {
  for (const button of row.querySelectorAll("button")) if (button.closest(".steps")) button.disabled = true;
  say(word("moving"), 0);
  const done = await attempt(() => send("clock", { to }));
  if (done) say("");
  await Promise.all([refresh("strip"), refresh("slack"), refresh("sheet")]);
  return done;
}
