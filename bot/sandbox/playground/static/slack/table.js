// The blocks table and data_table; the latter is sorted by its headings and turned over by pages.

import { el, fill } from "../dom.js";
import { word } from "../words.js";
import { richText } from "./rich.js";

export function table(block) {
  const [head, ...rows] = block.rows;
  const settings = block.column_settings ?? [];
  const line = (tag) => (row) => el("tr", {}, row.map((cell, column) => el(tag, { class: numeric(cell) || settings[column]?.align === "right" ? "number" : null }, content(cell))));
  return scroll(el("table", { class: "data" }, el("thead", {}, line("th")(head)), el("tbody", {}, rows.map(line("td")))), word("numbers"));
}

export function dataTable(block) {
  const [head, ...rows] = block.rows;
  const size = block.page_size ?? 10;
  const view = { page: 0, column: -1, down: false };
  const holder = el("div", { class: "data-table" });
  const draw = () => {
    const ordered = view.column < 0 ? rows : sorted(rows, view.column, view.down);
    const shown = ordered.slice(view.page * size, (view.page + 1) * size);
    const numbers = head.map((_, column) => rows.some((row) => numeric(row[column])));
    const order = (column) => {
      view.down = view.column === column ? !view.down : numbers[column];
      view.column = column;
      view.page = 0;
      draw();
      holder.querySelectorAll("th button")[column].focus();
    };
    const made = el("table", { class: "data" }, el("caption", { text: block.caption }), el("thead", {}, el("tr", {}, head.map((cell, column) => heading(cell, column, numbers[column], view, order)))),
      el("tbody", {}, shown.map((row) => el("tr", {}, row.map((cell, column) => el(column === block.row_header_column_index ? "th" : "td", { class: numeric(cell) ? "number" : null, scope: column === block.row_header_column_index ? "row" : null }, content(cell)))))));
    fill(holder, scroll(made, block.caption), rows.length > size ? pager(view, rows.length, size, draw) : null);
  };
  draw();
  return holder;
}

function heading(cell, column, number, view, order) {
  const mine = view.column === column;
  const words = cell.text ?? "";
  return el("th", { scope: "col", class: number ? "number" : null, "aria-sort": mine ? (view.down ? "descending" : "ascending") : null },
    el("button", { type: "button", title: word("sort_by", { name: words }), onclick: () => order(column) }, words, el("span", { class: "arrow", "aria-hidden": "true", text: mine ? (view.down ? "↓" : "↑") : "↕" })));
}

function pager(view, all, size, draw) {
  const from = view.page * size;
  const turn = (by) => () => { view.page += by; draw(); };
  return el("div", { class: "pager" },
    el("span", { text: word("page_of", { from: from + 1, to: Math.min(all, from + size), all }) }),
    el("button", { type: "button", class: "quiet-button", disabled: view.page === 0, onclick: turn(-1), text: word("previous") }),
    el("button", { type: "button", class: "quiet-button", disabled: from + size >= all, onclick: turn(1), text: word("next") }));
}

function sorted(rows, column, down) {
  const sign = down ? -1 : 1;
  const value = (row) => (numeric(row[column]) ? row[column].value : null);
  return [...rows].sort((one, two) => {
    const [a, b] = [value(one), value(two)];
    if (a === null || b === null) return a === b ? sign * String(one[column].text ?? "").localeCompare(String(two[column].text ?? "")) : a === null ? 1 : -1;
    return sign * (a - b);
  });
}

function numeric(cell) {
  return cell.type === "raw_number";
}

function content(cell) {
  if (cell.type === "rich_text") return richText(cell);
  return cell.text ?? String(cell.value ?? "");
}

function scroll(made, label) {
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, made);
}
