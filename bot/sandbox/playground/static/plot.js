// Charts as SVG, drawn anew at each width so that their words keep their size.

import { el, svg } from "./dom.js";

export const COLOURS = [
  "var(--plot-1)",
  "var(--plot-2)",
  "var(--plot-3)",
  "var(--plot-4)",
  "var(--plot-5)",
  "var(--plot-6)",
];
const DASHES = ["", "5 4", "2 3", "8 3 2 3"];
const PAD = { top: 10, right: 14, bottom: 24 };

/**
 * A frame that calls `draw(width)` for its SVG whenever its width changes.
 * @param {(width: number) => SVGElement} draw
 * @param {string} label
 */
export function framed(draw, label) {
  const frame = el("div", { class: "plot" });
  let last = 0;
  /** @param {number} width */
  const redraw = (width) => {
    if (width < 40 || Math.abs(width - last) < 1) return;
    last = width;
    const drawn = draw(Math.round(width));
    drawn.setAttribute("role", "img");
    drawn.setAttribute("aria-label", label);
    frame.replaceChildren(drawn);
  };
  new ResizeObserver((entries) => redraw(entries[0].contentRect.width)).observe(frame);
  return frame;
}

/**
 * Round values that divide the axis, at most `count` steps.
 * @param {number} low
 * @param {number} high
 */
export function ticks(low, high, count = 4) {
  const span = high - low || Math.abs(high) || 1;
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough) ?? rough;
  const first = Math.floor(low / step) * step;
  const found = [];
  for (let at = first; at < high + step * 0.999; at += step) found.push(Number(at.toPrecision(12)));
  return found;
}

/**
 * @param {number} value
 * @param {string} language
 * @param {boolean} percent
 */
export function short(value, language, percent = false) {
  return new Intl.NumberFormat(language, {
    style: percent ? "percent" : "decimal",
    notation: Math.abs(value) >= 10000 ? "compact" : "standard",
    maximumFractionDigits: 2,
  }).format(value);
}

/**
 * Lines, areas or bars over categories.
 * series: [{name, values: [number|null], colour?}], options: {kind, height, label, language, texts}
 * @param {number} width
 * @param {string[]} categories
 * @param {Plot.Series[]} series
 * @param {Plot.Options} options
 */
export function xy(width, categories, series, options) {
  const { kind = "line", height = 190, language = "en", zero = kind !== "line" } = options;
  const values = series.flatMap((each) => each.values).filter((each) => each !== null);
  const low = Math.min(...values),
    high = Math.max(...values);
  const margin = (high - low) * 0.08;
  const marks = ticks(
    zero ? Math.min(0, low) : Math.max(low - margin, low >= 0 ? 0 : -Infinity),
    zero ? Math.max(0, high) : high + margin,
  );
  // As Google does: an axis is written as the cells are that it stands for.
  const told = series.flatMap((each) => each.texts ?? []).filter((each) => each !== "");
  const percent = told.length > 0 && told.every((each) => each.endsWith("%"));
  const words = marks.map((each) => short(each, language, percent));
  const left = Math.max(...words.map((each) => each.length)) * 6.4 + 12;
  const plot = { left, right: width - PAD.right, top: PAD.top, bottom: height - PAD.bottom };
  const banded = kind === "bar" || kind === "column";
  const step = (plot.right - plot.left) / (banded ? categories.length : Math.max(1, categories.length - 1));
  /** @param {number} index */
  const x = (index) => plot.left + step * (banded ? index + 0.5 : index);
  const last = marks.at(-1) ?? 0;
  /** @param {number} value */
  const y = (value) => plot.bottom - ((value - marks[0]) / (last - marks[0] || 1)) * (plot.bottom - plot.top);
  const drawn = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, class: "xy" });
  drawn.append(...gridLines(marks, words, plot, y), ...categoryLabels(categories, plot, x, height));
  for (const [index, each] of series.entries()) {
    const colour = each.colour ?? COLOURS[index % COLOURS.length];
    if (banded)
      drawn.append(...bars(each, index, series.length, { x, y, step, colour, base: y(Math.max(0, marks[0])) }));
    else drawn.append(...line(each, index, { x, y, colour, filled: kind === "area", base: plot.bottom }));
  }
  drawn.append(pointer(drawn, categories, series, { x, plot, language, width }));
  return drawn;
}

/**
 * @param {number[]} marks
 * @param {string[]} words
 * @param {Plot.Box} plot
 * @param {Plot.Scale} y
 */
function gridLines(marks, words, plot, y) {
  return marks.flatMap((mark, index) => [
    svg("line", { x1: plot.left, x2: plot.right, y1: y(mark), y2: y(mark), class: "grid-line" }),
    svg("text", { x: plot.left - 7, y: y(mark) + 3.5, "text-anchor": "end", class: "axis", text: words[index] }),
  ]);
}

/**
 * @param {string[]} categories
 * @param {Plot.Box} plot
 * @param {Plot.Scale} x
 * @param {number} height
 */
function categoryLabels(categories, plot, x, height) {
  const widest =
    Math.max(...categories.map((each) => [...each].reduce((sum, sign) => sum + (sign > "⺀" ? 11 : 6.2), 0))) + 14;
  const every = Math.max(1, Math.ceil((widest * categories.length) / (plot.right - plot.left)));
  const last = categories.length - 1;
  return categories.flatMap((each, index) => {
    if ((last - index) % every) return [];
    const at = x(index);
    const anchor = at + widest / 2 > plot.right + 14 ? "end" : "middle";
    return [
      svg("text", {
        x: anchor === "end" ? plot.right + 8 : Math.max(at, widest / 2 - 8),
        y: height - 6,
        "text-anchor": anchor,
        class: "axis",
        text: each,
      }),
    ];
  });
}

/**
 * @param {Plot.Series} series
 * @param {number} index
 * @param {Plot.Drawing & { filled: boolean }} drawing
 */
function line(series, index, { x, y, colour, filled, base }) {
  /** @type {Place[][]} */
  const runs = [[]];
  for (const [place, value] of series.values.entries()) {
    if (value === null) runs.push([]);
    else runs.at(-1)?.push([x(place), y(value)]);
  }
  return runs
    .filter((run) => run.length)
    .flatMap((run) => {
      const [first, last] = [run[0], run[run.length - 1]];
      const path = run.map(([left, top], at) => `${at ? "L" : "M"}${left.toFixed(1)} ${top.toFixed(1)}`).join("");
      const parts = [
        svg("path", {
          d: path,
          fill: "none",
          stroke: colour,
          "stroke-width": 2,
          "stroke-dasharray": DASHES[index % DASHES.length] || null,
          "stroke-linejoin": "round",
          "stroke-linecap": "round",
        }),
      ];
      if (filled)
        parts.unshift(
          svg("path", { d: `${path}L${last[0]} ${base}L${first[0]} ${base}Z`, fill: colour, opacity: 0.18 }),
        );
      if (!index) parts.push(svg("circle", { cx: last[0], cy: last[1], r: 3.5, fill: colour, class: "dot" }));
      return parts;
    });
}

/**
 * @param {Plot.Series} series
 * @param {number} index
 * @param {number} count
 * @param {Plot.Drawing & { step: number }} drawing
 */
function bars(series, index, count, { x, y, step, colour, base }) {
  const whole = Math.min(step * 0.7, 44 * count),
    wide = whole / count;
  return series.values.flatMap((value, place) => {
    if (value === null) return [];
    const top = y(value);
    return [
      svg("rect", {
        x: x(place) - whole / 2 + index * wide + 0.5,
        y: Math.min(top, base),
        width: Math.max(1, wide - 1),
        height: Math.max(1, Math.abs(base - top)),
        rx: 2,
        fill: colour,
      }),
    ];
  });
}

/**
 * What the numbers are where one points.
 * @param {SVGElement} drawn
 * @param {string[]} categories
 * @param {Plot.Series[]} series
 * @param {{ x: Plot.Scale, plot: Plot.Box, language: string, width: number }} looks
 */
function pointer(drawn, categories, series, { x, plot, language, width }) {
  const rule = svg("line", { y1: plot.top, y2: plot.bottom, class: "rule" });
  const box = svg("rect", { class: "tip", rx: 5 });
  const lines = [categories[0], ...series.map(() => "")].map((_, index) =>
    svg("text", { class: index ? "tip-text" : "tip-head" }),
  );
  const group = svg("g", { class: "pointer", visibility: "hidden", "aria-hidden": "true" }, rule, box, ...lines);
  drawn.addEventListener("pointermove", (event) => {
    const at = event.clientX - drawn.getBoundingClientRect().left;
    const nearest = categories.map((_, index) => Math.abs(x(index) - at));
    const index = nearest.indexOf(Math.min(...nearest));
    const words = [
      categories[index],
      ...series.map(
        (each) =>
          `${each.name}  ${each.texts?.[index] ?? (each.values[index] === null ? "–" : short(each.values[index], language))}`,
      ),
    ];
    for (const [place, text] of words.entries()) lines[place].textContent = text;
    const wide =
      Math.max(...words.map((each) => [...each].reduce((sum, sign) => sum + (sign > "⺀" ? 12 : 6.4), 0))) + 16;
    const left = x(index) + 10 + wide > width ? x(index) - wide - 10 : x(index) + 10;
    for (const [name, value] of Object.entries({ x: left, y: plot.top, width: wide, height: words.length * 16 + 8 }))
      box.setAttribute(name, String(value));
    for (const [place, each] of lines.entries()) {
      each.setAttribute("x", String(left + 8));
      each.setAttribute("y", String(plot.top + 16 + place * 16));
    }
    rule.setAttribute("x1", String(x(index)));
    rule.setAttribute("x2", String(x(index)));
    group.setAttribute("visibility", "visible");
  });
  drawn.addEventListener("pointerleave", () => group.setAttribute("visibility", "hidden"));
  return group;
}

/**
 * Slices of a whole, the largest first at noon. parts: [{name, value}]
 * @param {number} width
 * @param {Plot.Slice[]} parts
 * @param {Plot.Options} options
 */
export function pie(width, parts, { height = 190 } = {}) {
  const whole = parts.reduce((sum, each) => sum + each.value, 0) || 1;
  const radius = height / 2 - 10,
    centre = [Math.min(width / 2, radius + 20), height / 2];
  const drawn = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}` });
  let from = 0;
  for (const [index, each] of parts.entries()) {
    const to = from + each.value / whole;
    /** @param {number} turn */
    const point = (turn) => [
      centre[0] + radius * Math.sin(turn * 2 * Math.PI),
      centre[1] - radius * Math.cos(turn * 2 * Math.PI),
    ];
    const [a, b] = [point(from), point(Math.min(to, 0.99999))];
    const path = `M${centre}L${a}A${radius} ${radius} 0 ${to - from > 0.5 ? 1 : 0} 1 ${b}Z`;
    drawn.append(
      svg(
        "path",
        { d: path, fill: COLOURS[index % COLOURS.length], class: "slice" },
        svg("title", { text: `${each.name}: ${Math.round((each.value / whole) * 1000) / 10} %` }),
      ),
    );
    from = to;
  }
  return drawn;
}

/** @param {string[]} names */
export function legend(names, dashed = true) {
  return el(
    "ul",
    { class: "legend" },
    names.map((name, index) => {
      const mark = svg(
        "svg",
        { width: 18, height: 8, "aria-hidden": "true" },
        svg("line", {
          x1: 1,
          x2: 17,
          y1: 4,
          y2: 4,
          stroke: COLOURS[index % COLOURS.length],
          "stroke-width": dashed ? 2.5 : 7,
          "stroke-dasharray": dashed ? DASHES[index % DASHES.length] || null : null,
        }),
      );
      return el("li", {}, mark, name);
    }),
  );
}

/**
 * A tiny line without axes.
 * @param {number[]} values
 * @param {number} width
 * @param {number} height
 */
export function sparkline(values, width, height) {
  const low = Math.min(...values),
    span = Math.max(...values) - low || 1;
  const points = values
    .map(
      (value, index) =>
        `${((index / Math.max(1, values.length - 1)) * (width - 6) + 3).toFixed(1)},${(height - 4 - ((value - low) / span) * (height - 8)).toFixed(1)}`,
    )
    .join(" ");
  return svg(
    "svg",
    {
      width: "100%",
      height,
      viewBox: `0 0 ${width} ${height}`,
      preserveAspectRatio: "none",
      class: "sparkline",
      "aria-hidden": "true",
    },
    svg("polyline", {
      points,
      fill: "none",
      stroke: "currentColor",
      "stroke-width": 1.5,
      "vector-effect": "non-scaling-stroke",
    }),
  );
}
