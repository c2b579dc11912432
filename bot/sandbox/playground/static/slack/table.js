// The blocks table and data_table; the latter is sorted by its headings and turned over by pages.

import { el, fill, focusOn } from "../dom.js";
import { word } from "../words.js";
import { richText } from "./rich.js";

/** @param {Slack.Table} block */
export function table(block) {
  const [head, ...rows] = block.rows;
  const settings = block.column_settings ?? [];
  /** @type {(tag: "th" | "td") => (row: Slack.Cell[]) => HTMLElement} */
  const line = (tag) => (row) =>
    el(
      "tr",
      {},
      row.map((cell, column) =>
        el(tag, { class: numeric(cell) || settings[column]?.align === "right" ? "number" : null }, content(cell)),
      ),
    );
  return scroll(
    el("table", { class: "data" }, el("thead", {}, line("th")(head)), el("tbody", {}, rows.map(line("td")))),
    word("numbers"),
  );
}

/** @param {Slack.DataTable} block */
export function dataTable(block) {
  const [head, ...rows] = block.rows;
  const size = block.page_size ?? 10;
  const view = { page: 0, column: -1, down: false };
  const holder = el("div", { class: "data-table" });
  const draw = () => {
    const ordered = view.column < 0 ? rows : sorted(rows, view.column, view.down);
    const shown = ordered.slice(view.page * size, (view.page + 1) * size);
    const numbers = head.map((_, column) => rows.some((row) => numeric(row[column])));
    /** @param {number} column */
    const order = (column) => {
      view.down = view.column === column ? !view.down : numbers[column];
      view.column = column;
      view.page = 0;
      draw();
      focusOn(holder.querySelectorAll("th button")[column]);
    };
    const made = el(
      "table",
      { class: "data" },
      el("caption", { text: block.caption }),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          head.map((cell, column) => heading(cell, column, numbers[column], view, order)),
        ),
      ),
      el(
        "tbody",
        {},
        shown.map((row) =>
          el(
            "tr",
            {},
            row.map((cell, column) =>
              el(
                column === block.row_header_column_index ? "th" : "td",
                {
                  class: numeric(cell) ? "number" : null,
                  scope: column === block.row_header_column_index ? "row" : null,
                },
                content(cell),
              ),
            ),
          ),
        ),
      ),
    );
    fill(holder, scroll(made, block.caption), rows.length > size ? pager(view, rows.length, size, draw) : null);
  };
  draw();
  return holder;
}

/**
 * @param {Slack.Cell} cell
 * @param {number} column
 * @param {boolean} number
 * @param {Slack.TableView} view
 * @param {(column: number) => void} order
 */
function heading(cell, column, number, view, order) {
  const mine = view.column === column;
  const words = cell.text ?? "";
  return el(
    "th",
    {
      scope: "col",
      class: number ? "number" : null,
      "aria-sort": mine ? (view.down ? "descending" : "ascending") : null,
    },
    el(
      "button",
      { type: "button", title: word("sort_by", { name: words }), onclick: () => order(column) },
      words,
      el("span", { class: "arrow", "aria-hidden": "true", text: mine ? (view.down ? "↓" : "↑") : "↕" }),
    ),
  );
}

/**
 * @param {Slack.TableView} view
 * @param {number} all
 * @param {number} size
 * @param {() => void} draw
 */
function pager(view, all, size, draw) {
  const from = view.page * size;
  /** @param {number} by */
  const turn = (by) => () => {
    view.page += by;
    draw();
  };
  return el(
    "div",
    { class: "pager" },
    el("span", { text: word("page_of", { from: from + 1, to: Math.min(all, from + size), all }) }),
    el("button", {
      type: "button",
      class: "quiet-button",
      disabled: view.page === 0,
      onclick: turn(-1),
      text: word("previous"),
    }),
    el("button", {
      type: "button",
      class: "quiet-button",
      disabled: from + size >= all,
      onclick: turn(1),
      text: word("next"),
    }),
  );
}

/**
 * @param {Slack.Cell[][]} rows
 * @param {number} column
 * @param {boolean} down
 */
function sorted(rows, column, down) {
  const sign = down ? -1 : 1;
  /** @param {Slack.Cell[]} row */
  const value = (row) => (numeric(row[column]) ? (row[column].value ?? null) : null);
  return [...rows].sort((one, two) => {
    const [a, b] = [value(one), value(two)];
    if (a === null || b === null)
      return a === b
        ? sign * String(one[column].text ?? "").localeCompare(String(two[column].text ?? ""))
        : a === null
          ? 1
          : -1;
    return sign * (a - b);
  });
}

/** @param {Slack.Cell} cell */
function numeric(cell) {
  return cell.type === "raw_number";
}

/** @param {Slack.Cell} cell */
function content(cell) {
  if (cell.type === "rich_text") return richText(/** @type {Slack.Rich} */ (cell));
  return cell.text ?? String(cell.value ?? "");
}

/**
 * @param {HTMLElement} made
 * @param {string} label
 */
function scroll(made, label) {
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, made);
}
