// The block data_visualization: line, bar, area and pie.

import { el } from "../dom.js";
import { framed, legend, pie, short, xy } from "../plot.js";
import { language, word } from "../words.js";

/** @param {Slack.DataVisualization} block */
export function dataVisualization(block) {
  const { chart, title } = block;
  return el(
    "figure",
    { class: "chart" },
    el("figcaption", { text: title }),
    ...(chart.type === "pie" ? pieParts(chart, title) : xyParts(chart, title)),
  );
}

/**
 * @param {Slack.Chart} chart
 * @param {string} title
 */
function xyParts(chart, title) {
  const { categories, y_label: unit } = chart.axis_config;
  const series = chart.series.map((each) => ({
    name: each.name,
    values: categories.map((label) => each.data.find((point) => point.label === label)?.value ?? null),
  }));
  const tongue = language();
  const label = `${title}. ${series.map((each) => `${each.name} ${short(each.values.findLast((value) => value !== null) ?? 0, tongue)}`).join(", ")}`;
  return [
    el(
      "div",
      { class: "chart-head" },
      unit ? el("span", { class: "unit", text: unit }) : null,
      legend(
        series.map((each) => each.name),
        chart.type !== "bar",
      ),
    ),
    framed((width) => xy(width, categories, series, { kind: chart.type, language: tongue }), label),
    spoken(
      title,
      ["", ...series.map((each) => each.name)],
      categories.map((name, index) => [name, ...series.map((each) => each.values[index])]),
    ),
  ];
}

/**
 * @param {Slack.Chart} chart
 * @param {string} title
 */
function pieParts(chart, title) {
  const parts = chart.segments.map((each) => ({ name: each.label, value: each.value }));
  const label = `${title}. ${parts.map((each) => `${each.name} ${each.value}`).join(", ")}`;
  return [
    framed((width) => pie(width, parts), label),
    legend(
      parts.map((each) => each.name),
      false,
    ),
    spoken(
      title,
      ["", word("numbers")],
      parts.map((each) => [each.name, each.value]),
    ),
  ];
}

/**
 * The numbers for those who hear the page.
 * @param {string} title
 * @param {string[]} head
 * @param {(string | number | null)[][]} rows
 */
function spoken(title, head, rows) {
  /** @type {(tag: "th" | "td") => (value: string | number | null) => HTMLElement} */
  const cell = (tag) => (value) => el(tag, { text: value ?? "–" });
  return el(
    "table",
    { class: "hidden-words" },
    el("caption", { text: title }),
    el("tr", {}, head.map(cell("th"))),
    rows.map((row) => el("tr", {}, row.map(cell("td")))),
  );
}
