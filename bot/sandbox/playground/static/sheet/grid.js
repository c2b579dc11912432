// The cells of one tab: drawn as a table, walked through by keys, edited in place.

import { el, targetOf } from "../dom.js";
import { sparkline } from "../plot.js";
import { word } from "../words.js";
import { dress, isGuarded, letters, nameOf } from "./cells.js";
import { chart } from "./chart.js";

const NUMBERS = 40;
const WIDTH = 100;
/** @type {Record<string, Place>} */
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** @type {any} */
const NO_TAB = null;

/** Cells by row * 1000 + column. @typedef {Map<number, Sheet.Cell>} CellMap */

/** @param {boolean} ticked */
function box(ticked) {
  return el("span", { class: "box", role: "checkbox", "aria-checked": String(ticked), text: ticked ? "☑" : "☐" });
}

/** A grid in `holder`. `chosen(row, column)` hears of each new place, `typed(row, column, text)` of each edit. */
export class Grid {
  /**
   * @param {HTMLElement} holder
   * @param {{ chosen(row: number, column: number): void, typed(row: number, column: number, text: string): void }} hears
   */
  constructor(holder, { chosen, typed }) {
    this.holder = holder;
    this.chosen = chosen;
    this.typed = typed;
    /** @type {Place} */
    this.at = [0, 0];
    /** @type {Sheet.Tab} Nothing is drawn before there is one. */
    this.tab = NO_TAB;
    /** @type {CellMap} */
    this.cells = new Map();
    this.table = el("table");
    this.covered = { top: 0, left: NUMBERS };
    /** What stood in the cell that is being edited. */
    this.before = "";
    /** @type {HTMLInputElement | null} */
    this.editor = null;
    holder.addEventListener("keydown", (event) => this.key(event));
    holder.addEventListener("pointerdown", (event) => this.point(event));
    holder.addEventListener("dblclick", (event) => {
      if (targetOf(event).closest("td")) this.edit();
    });
    new ResizeObserver(() => this.tab && this.freeze()).observe(holder);
  }

  get isEditing() {
    return this.editor !== null;
  }

  /**
   * @param {number} row
   * @param {number} column
   */
  cellAt(row, column) {
    return this.cells.get(row * 1000 + column);
  }

  /**
   * Draw a tab; cells that differ from what stood there before light up.
   * @param {Sheet.Tab} tab
   * @param {Place} at
   */
  draw(tab, at) {
    const before = this.tab?.id === tab.id ? this.cells : null;
    const scroll = before ? [this.holder.scrollLeft, this.holder.scrollTop] : [0, 0];
    const focused = this.holder.contains(document.activeElement);
    this.tab = tab;
    this.cells = new Map(tab.cells.map((cell) => [cell.r * 1000 + cell.c, cell]));
    this.at = [Math.min(at[0], tab.rows - 1), Math.min(at[1], tab.columns - 1)];
    this.table = el(
      "table",
      {
        class: tab.hidesGrid ? "grid bare" : "grid",
        role: "grid",
        "aria-label": word("grid", { tab: tab.title }),
        "aria-rowcount": tab.rows,
        "aria-colcount": tab.columns,
        style: { width: `${this.whole()}px` },
      },
      this.columns(),
      this.head(),
      this.body(before),
    );
    this.holder.replaceChildren(this.table);
    [this.holder.scrollLeft, this.holder.scrollTop] = scroll;
    this.freeze();
    this.mark(focused);
  }

  /** @param {number} column */
  width(column) {
    return this.tab.hiddenColumns.includes(column) ? 0 : (this.tab.widths[column] ?? WIDTH);
  }

  whole() {
    return Array.from({ length: this.tab.columns }, (_, column) => this.width(column)).reduce(
      (sum, width) => sum + width,
      NUMBERS,
    );
  }

  columns() {
    const widths = [NUMBERS, ...Array.from({ length: this.tab.columns }, (_, column) => this.width(column))];
    return el(
      "colgroup",
      {},
      widths.map((width) => el("col", { style: { width: `${width}px` } })),
    );
  }

  head() {
    const names = Array.from({ length: this.tab.columns }, (_, column) =>
      el("th", { scope: "col", text: this.width(column) ? letters(column) : "" }),
    );
    return el("thead", {}, el("tr", {}, el("th", { class: "corner" }), names));
  }

  /** @param {CellMap | null} before */
  body(before) {
    /** @type {Map<number, Sheet.Chart[]>} */
    const anchors = new Map();
    for (const each of this.tab.charts) {
      const key = (each.at.anchorCell.rowIndex ?? 0) * 1000 + (each.at.anchorCell.columnIndex ?? 0);
      anchors.set(key, [...(anchors.get(key) ?? []), each]);
    }
    const covered = new Set();
    /** @type {Map<number, Place>} */
    const spans = new Map();
    for (const [top, left, bottom, right] of this.tab.merges) {
      spans.set(top * 1000 + left, [bottom - top, right - left]);
      for (let row = top; row < bottom; row += 1)
        for (let column = left; column < right; column += 1)
          if (row !== top || column !== left) covered.add(row * 1000 + column);
    }
    const rows = [];
    for (let row = 0; row < this.tab.rows; row += 1) {
      const made = el(
        "tr",
        {
          class: this.tab.hiddenRows.includes(row) ? "gone" : null,
          style: { height: `${this.tab.heights[row] ?? 21}px` },
        },
        el("th", { scope: "row", text: row + 1 }),
      );
      for (let column = 0; column < this.tab.columns; column += 1) {
        /** @param {KeyboardEvent} event */
        const key = row * 1000 + column;
        if (covered.has(key)) continue;
        made.append(this.cell(row, column, this.cells.get(key), before, spans.get(key), anchors.get(key)));
      }
      rows.push(made);
    }
    return el("tbody", {}, rows);
  }

  /**
   * @param {number} row
   * @param {number} column
   * @param {Sheet.Cell | undefined} cell
   * @param {CellMap | null} before
   * @param {Place | undefined} span
   * @param {Sheet.Chart[] | undefined} charts
   */
  /**
   * @param {number} row
   * @param {number} column
   * @param {Sheet.Cell | undefined} cell
   * @param {CellMap | null} before
   * @param {Place | undefined} span
   * @param {Sheet.Chart[] | undefined} charts
   */
  cell(row, column, cell, before, span, charts) {
    const made = el("td", { role: "gridcell", data: { r: row, c: column }, rowspan: span?.[0], colspan: span?.[1] });
    if (cell) {
      const text = el("span", { text: cell.t ?? "" });
      made.append(cell.b !== undefined ? box(cell.b) : cell.line ? sparkline(cell.line, this.width(column), 20) : text);
      if (cell.k) made.classList.add(cell.k);
      if (cell.n) {
        made.classList.add("noted");
        made.title = cell.n;
      }
      if (cell.o && !isGuarded(this.tab, row, column)) made.classList.add("listed");
      if (cell.s !== undefined) dress(made, this.tab.looks[cell.s]);
      if (cell.b !== undefined) made.classList.add("truth");
      if (!cell.k && cell.t && !cell.line) this.spill(made, row, column);
      if (before && cell.t !== before.get(row * 1000 + column)?.t) made.classList.add("fresh");
    }
    if (charts) {
      made.classList.add("anchors");
      made.append(...charts.map(chart));
    }
    return made;
  }

  /**
   * A text runs on over the empty cells to its right, as far as they are empty.
   * @param {HTMLElement} made
   * @param {number} row
   * @param {number} column
   */
  spill(made, row, column) {
    let next = column + 1,
      room = this.width(column);
    while (next < this.tab.columns && !this.cells.get(row * 1000 + next)?.t && !this.cells.get(row * 1000 + next)?.line)
      room += this.width(next++);
    if (next === column + 1 || made.classList.contains("wraps")) return;
    made.classList.add("spills");
    const text = made.firstElementChild;
    if (text instanceof HTMLElement) text.style.maxWidth = `${room - 8}px`;
  }

  /** Keep frozen rows and columns in view where they leave room for the rest. */
  freeze() {
    const { frozenRows, frozenColumns } = this.tab;
    const rows = [...this.table.tBodies[0].rows];
    const head = this.table.tHead?.offsetHeight ?? 0;
    const tall = rows.slice(0, frozenRows).reduce((sum, row) => sum + row.offsetHeight, head);
    const wide = Array.from({ length: frozenColumns }, (_, column) => this.width(column)).reduce(
      (sum, width) => sum + width,
      NUMBERS,
    );
    const keepsRows = tall < this.holder.clientHeight * 0.6,
      keepsColumns = wide < this.holder.clientWidth * 0.6;
    let top = head;
    for (const [index, row] of rows.entries()) {
      const stays = keepsRows && index < frozenRows;
      let left = NUMBERS;
      for (const cell of [...row.cells].slice(1)) {
        const holds = keepsColumns && Number(cell.dataset.c) < frozenColumns;
        cell.classList.toggle("stays", stays);
        cell.classList.toggle("holds", holds);
        cell.classList.toggle("edge-row", stays && index === frozenRows - 1);
        cell.classList.toggle("edge-column", holds && Number(cell.dataset.c) === frozenColumns - 1);
        cell.style.top = stays ? `${top}px` : "";
        cell.style.left = holds ? `${left}px` : "";
        if (holds) left += this.width(Number(cell.dataset.c));
      }
      row.cells[0].classList.toggle("stays", stays);
      row.cells[0].style.top = stays ? `${top}px` : "";
      if (stays) top += row.offsetHeight;
      else if (index >= frozenRows && !keepsRows) break;
      else if (index > frozenRows && !keepsColumns) break;
    }
    this.covered = { top: keepsRows ? top : head, left: keepsColumns ? wide : NUMBERS };
  }

  place([row, column] = this.at) {
    return /** @type {HTMLElement | null} */ (this.table.querySelector(`td[data-r="${row}"][data-c="${column}"]`));
  }

  mark(focus = true) {
    for (const old of this.table.querySelectorAll("[tabindex], .lit")) {
      old.removeAttribute("tabindex");
      old.removeAttribute("aria-selected");
      old.classList.remove("lit");
    }
    const cell = this.place();
    if (!cell) return;
    cell.tabIndex = 0;
    cell.setAttribute("aria-selected", "true");
    this.table.tHead?.rows[0].cells[this.at[1] + 1].classList.add("lit");
    this.table.tBodies[0].rows[this.at[0]].cells[0].classList.add("lit");
    if (focus) {
      cell.focus({ preventScroll: true });
      this.reveal(cell);
    }
    this.chosen(...this.at);
  }

  /** @param {HTMLElement} cell */
  reveal(cell) {
    const view = this.holder,
      left = cell.offsetLeft,
      top = cell.offsetTop;
    if (!cell.classList.contains("holds")) {
      if (left < view.scrollLeft + this.covered.left) view.scrollLeft = left - this.covered.left;
      else if (left + cell.offsetWidth > view.scrollLeft + view.clientWidth)
        view.scrollLeft = left + cell.offsetWidth - view.clientWidth;
    }
    if (!cell.classList.contains("stays")) {
      if (top < view.scrollTop + this.covered.top) view.scrollTop = top - this.covered.top;
      else if (top + cell.offsetHeight > view.scrollTop + view.clientHeight)
        view.scrollTop = top + cell.offsetHeight - view.clientHeight;
    }
  }

  /**
   * @param {number} row
   * @param {number} column
   */
  go(row, column, focus = true) {
    this.at = [Math.min(Math.max(row, 0), this.tab.rows - 1), Math.min(Math.max(column, 0), this.tab.columns - 1)];
    this.mark(focus);
  }

  /** @param {PointerEvent} event */
  point(event) {
    const cell = targetOf(event).closest("td");
    if (!cell || targetOf(event).closest(".editor")) return;
    this.commit();
    this.go(Number(cell.dataset.r), Number(cell.dataset.c));
    if (targetOf(event).closest(".box")) this.tick();
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (this.editor) {
      this.keyInEditor(event);
      return;
    }
    const move = MOVES[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (move) this.go(this.at[0] + move[0], this.at[1] + move[1]);
    else if (event.key === "Home") this.go(this.at[0], 0);
    else if (event.key === "End") this.go(this.at[0], this.tab.columns - 1);
    else if (event.key === "PageDown" || event.key === "PageUp")
      this.go(this.at[0] + (event.key === "PageDown" ? 15 : -15), this.at[1]);
    else if (event.key === "Enter" || event.key === "F2") this.edit();
    else if (event.key === " " && this.cellAt(...this.at)?.b !== undefined) this.tick();
    else if (event.key === "Delete" || event.key === "Backspace") this.typed(...this.at, "");
    else if (event.key.length === 1) this.edit(event.key);
    else return;
    event.preventDefault();
  }

  /** Tick the box of the cell, or take its tick away. */
  tick() {
    this.typed(...this.at, this.cellAt(...this.at)?.b ? "FALSE" : "TRUE");
  }

  /** @param {KeyboardEvent} event */
  keyInEditor(event) {
    if (event.isComposing) return;
    const down = { Enter: [1, 0], Tab: [0, event.shiftKey ? -1 : 1] }[event.key];
    if (down) {
      this.commit();
      this.go(this.at[0] + down[0], this.at[1] + down[1]);
    } else if (event.key === "Escape") this.leave();
    else return;
    event.preventDefault();
  }

  /**
   * Open the cell; with `text` what stood in it is replaced.
   * @param {string} [text]
   */
  edit(text) {
    const cell = this.place();
    if (!cell) return;
    const holds = this.cellAt(...this.at);
    const choices =
      holds?.o &&
      el(
        "datalist",
        { id: "choices" },
        holds.o.map((each) => el("option", { value: each })),
      );
    this.editor = el("input", {
      class: "editor",
      "aria-label": word("cell", { cell: nameOf(...this.at) }),
      list: choices ? "choices" : null,
      autocomplete: "off",
    });
    this.editor.value = text ?? holds?.e ?? holds?.t ?? "";
    this.before = holds?.e ?? holds?.t ?? "";
    cell.classList.add("edited");
    cell.append(this.editor, choices || "");
    this.editor.focus();
    if (text === undefined) this.editor.select();
    this.editor.addEventListener("blur", () => this.commit());
  }

  commit() {
    if (!this.editor) return;
    const text = this.editor.value;
    const changed = text !== this.before;
    this.leave();
    if (changed) this.typed(...this.at, text);
  }

  leave() {
    const cell = this.editor?.parentElement;
    const editor = this.editor;
    this.editor = null;
    editor?.remove();
    document.getElementById("choices")?.remove();
    cell?.classList.remove("edited");
    cell?.focus({ preventScroll: true });
  }
}
