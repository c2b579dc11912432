// The spreadsheet: what a person does with it above, its tabs below.

import { send } from "../api.js";
import { el, fill, focusOn, icon } from "../dom.js";
import { on, refresh, state } from "../state.js";
import { attempt, say } from "../told.js";
import { language, word } from "../words.js";
import { address, isGuarded, letters, nameOf } from "./cells.js";
import { Grid } from "./grid.js";

/** @type {HTMLElement} */
let tools;
/** @type {HTMLElement} */
let bar;
/** @type {Grid} */
let grid;
/** @type {HTMLElement} */
let tabs;
/** The tab one looks at. @type {number | undefined} */
let current;
let drawnAs = "";
let syncing = false;
/** @type {Map<number, Place>} */
const places = new Map();

/** @param {HTMLElement} pane */
export function startSheet(pane) {
  tools = el("div", { class: "tools", role: "toolbar" });
  bar = el("div", { class: "bar" });
  const holder = el("div", { class: "cells" });
  tabs = el("div", { class: "tabs" });
  pane.append(tools, bar, holder, tabs);
  grid = new Grid(holder, { chosen, typed });
  on("sheet", draw);
  on("me", () => {
    drawnAs = "";
    draw();
  });
}

function tab() {
  return (
    state.sheet.tabs.find((each) => each.id === current) ??
    state.sheet.tabs.find((each) => each.cells.length && !each.hidden) ??
    state.sheet.tabs[0]
  );
}

/**
 * Show a tab, with a cell chosen.
 * @param {number} id
 * @param {Place} [at]
 */
export function openTab(id, at) {
  current = id;
  if (at) places.set(id, at);
  drawnAs = "";
  draw();
}

function draw() {
  const shown = tab();
  current = shown.id;
  drawTools();
  drawTabs(shown);
  const now = JSON.stringify(shown);
  if (now === drawnAs || grid.isEditing) return;
  drawnAs = now;
  grid.draw(shown, places.get(shown.id) ?? [shown.frozenRows, 0]);
}

function drawTools() {
  /**
   * @param {string} name
   * @param {import("../dom.js").IconName} sign
   * @param {() => unknown} work
   */
  const tool = (name, sign, work, disabled = false) =>
    el(
      "button",
      {
        type: "button",
        class: "icon-button",
        title: word(name),
        "aria-label": word(name),
        disabled,
        data: { keep: name },
        onclick: work,
      },
      icon(sign),
    );
  tools.setAttribute("aria-label", word("sheet"));
  fill(
    tools,
    el("h2", { text: state.sheet.title, title: state.sheet.url }),
    el("span", { class: "space" }),
    tool("undo", "undo", () => edit("undo"), !state.sheet.undoable),
    tool("insert_row", "row", () => edit("insert_rows", { tab: tab().title, row: grid.at[0] + 1 })),
    tool("sort_up", "down", () => sort(false)),
    tool("sort_down", "up", () => sort(true)),
    tool("rename", "pen", rename),
    el(
      "button",
      {
        type: "button",
        class: "quiet-button",
        id: "vandalise",
        title: word("vandalise_more"),
        disabled: syncing,
        data: { keep: "vandalise" },
        onclick: vandalise,
      },
      icon("bolt"),
      el("span", { class: "label", text: word("vandalise") }),
    ),
    el(
      "button",
      {
        type: "button",
        class: "main-button",
        id: "sync",
        disabled: syncing,
        "aria-busy": syncing ? "true" : null,
        data: { keep: "sync" },
        onclick: syncNow,
      },
      icon("sync"),
      word("sync"),
    ),
  );
}

/**
 * @param {string} act
 * @param {object} body
 */
async function edit(act, body = {}) {
  return attempt(() => send(`sheet/${act}`, body));
}

/**
 * Sort what stands below the frozen rows by the chosen column.
 * @param {boolean} descending
 */
async function sort(descending) {
  const { frozenRows: top, columns, title } = tab();
  const last = Math.max(
    ...tab()
      .cells.filter((cell) => cell.t && cell.r >= top)
      .map((cell) => cell.r),
    top,
  );
  const range = `'${title.replaceAll("'", "''")}'!A${top + 1}:${letters(columns - 1)}${last + 1}`;
  await edit("sort", { cells: range, column: letters(grid.at[1]), descending });
}

/** The tab's name becomes a field. */
function rename() {
  const chosenTab = tabs.querySelector('[aria-selected="true"]');
  const field = el("input", {
    class: "field",
    value: tab().title,
    "aria-label": word("new_name"),
    size: Math.max(8, tab().title.length),
  });
  let left = false;
  /** @param {boolean} keeps */
  const leave = async (keeps) => {
    if (left) return;
    left = true;
    const title = field.value.trim();
    const from = tab().title;
    field.remove();
    drawTabs(tab());
    if (keeps && title && title !== from && (await edit("rename_tab", { tab: from, title })))
      say(word("renamed", { name: title }));
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "Escape") leave(event.key === "Enter");
  });
  field.addEventListener("blur", () => leave(true));
  chosenTab?.replaceWith(field);
  field.focus();
  field.select();
}

/** Ten things that people do, at random; the line tells which. */
async function vandalise() {
  await attempt(async () => {
    /** @type {{ deeds: { action: string, tab: string }[] }} */
    const { deeds } = await send("vandalise");
    const told = new Set(deeds.map((deed) => word(`deed_${deed.action}`, { tab: deed.tab })));
    say([word("vandalised", { n: deeds.length }), ...told].join(" · "), 12);
    await refresh("sheet");
  });
}

/** Sync as the schedule would. What it did: {cells, reads, writes}; null when it was refused. */
export async function syncNow() {
  syncing = true;
  drawTools();
  say(word("syncing"), 0);
  let done = null;
  await attempt(async () => {
    const report = await send("sync");
    done = {
      cells: report.cells_changed.toLocaleString(language()),
      reads: report.requests.read,
      writes: report.requests.write,
    };
    // Long enough to read what was mended.
    const told = [...(report.mended ?? []), ...report.conflicts, ...report.warnings];
    say([word("synced", done), ...told].join(" · "), told.length ? 12 : 6);
    await refresh("sheet");
  });
  syncing = false;
  drawTools();
  return done;
}

/** @param {Sheet.Tab} shown */
function drawTabs(shown) {
  if (tabs.querySelector("input")) return;
  tabs.setAttribute("role", "tablist");
  tabs.setAttribute("aria-label", word("tabs"));
  const visible = state.sheet.tabs.filter((each) => !each.hidden);
  fill(
    tabs,
    visible.map((each) =>
      el(
        "button",
        {
          type: "button",
          role: "tab",
          "aria-selected": String(each.id === shown.id),
          tabindex: each.id === shown.id ? 0 : -1,
          data: { keep: each.id },
          onclick: () => openTab(each.id),
          ondblclick: rename,
          onkeydown: (event) => walk(event, visible, each),
        },
        each.title,
        each.guarded.length ? icon("lock") : null,
      ),
    ),
  );
}

/**
 * @param {KeyboardEvent} event
 * @param {Sheet.Tab[]} visible
 * @param {Sheet.Tab} from
 */
function walk(event, visible, from) {
  if (event.key === "F2") rename();
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  const next = visible[(visible.indexOf(from) + by + visible.length) % visible.length];
  openTab(next.id);
  focusOn(tabs.querySelector('[aria-selected="true"]'));
}

/**
 * Tell what stands in the chosen cell.
 * @param {number} row
 * @param {number} column
 */
function chosen(row, column) {
  places.set(tab().id, [row, column]);
  const cell = grid.cellAt(row, column);
  const words = [cell?.n, isGuarded(tab(), row, column) ? word("guarded") : ""].filter(Boolean).join(" ");
  fill(
    bar,
    el("b", { text: nameOf(row, column) }),
    el("span", { class: "content", text: cell?.e ?? cell?.t ?? "" }),
    words ? el("span", { class: "note", text: words, title: words }) : null,
  );
}

/**
 * @param {number} row
 * @param {number} column
 * @param {string} text
 */
async function typed(row, column, text) {
  await edit("edit", { cell: address(tab(), row, column), text });
}

/**
 * @param {Sheet.Tab} target
 * @param {number} row
 * @param {number} column
 * @param {string} text
 */
export function typeInto(target, row, column, text) {
  return edit("edit", { cell: address(target, row, column), text });
}
