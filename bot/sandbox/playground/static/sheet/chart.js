// Charts that lie on a tab, drawn from Google's own specs: headline numbers, lines, columns, areas, pies.

import { el } from "../dom.js";
import { framed, pie, xy } from "../plot.js";
import { language } from "../words.js";
import { colour } from "./cells.js";

/** @type {Record<string, string>} */
const KINDS = { LINE: "line", AREA: "area", COLUMN: "column", BAR: "column", SCATTER: "line" };

/** @param {Sheet.Chart} given */
export function chart(given) {
  const { spec, at } = given;
  const box = el("figure", {
    class: "sheet-chart",
    style: {
      width: `${at.widthPixels}px`,
      height: `${at.heightPixels}px`,
      left: `${at.offsetXPixels ?? 0}px`,
      top: `${at.offsetYPixels ?? 0}px`,
    },
  });
  if (spec.scorecardChart) {
    box.classList.add("scorecard");
    box.append(...scorecard(spec.scorecardChart, spec.title ?? ""));
    return box;
  }
  box.append(el("figcaption", { text: spec.title ?? "" }), plotted(spec, at.heightPixels - 40));
  return box;
}

/**
 * @param {NonNullable<Sheet.Spec["scorecardChart"]>} spec
 * @param {string} title
 */
function scorecard(spec, title) {
  const { keyValueData: key, baselineValueData: base, baselineValueFormat: shape } = spec;
  const value = key.sourceRange ?? key;
  const parts = [el("figcaption", { text: title }), el("strong", { text: value.texts?.[0] ?? "–" })];
  return base ? [...parts, compared(value, base, shape)] : parts;
}

/**
 * @param {Sheet.Cells} value
 * @param {Sheet.Cells} base
 * @param {Sheet.Baseline} shape
 */
function compared(value, base, shape) {
  const [now, then] = [value.values?.[0], base.values?.[0]];
  if (now === null || then === null || now === undefined || then === undefined)
    return el("span", { class: "against", text: shape.description ?? "" });
  const moved = now - then;
  const relative = shape.comparisonType === "PERCENTAGE_DIFFERENCE";
  const percentLike = /%/.test(value.texts?.[0] ?? "");
  const size = relative ? (then ? Math.abs(moved / then) : 0) : Math.abs(moved);
  const text =
    relative || percentLike
      ? `${(size * 100).toFixed(1)}%`
      : new Intl.NumberFormat(language(), { maximumFractionDigits: 2 }).format(size);
  const style = moved > 0 ? shape.positiveColorStyle : shape.negativeColorStyle;
  const rgb = style?.rgbColor ? rgbOf(style.rgbColor) : null;
  const arrow = moved ? (moved > 0 ? "▲ " : "▼ ") : "";
  return el(
    "span",
    { class: "against" },
    el("b", { style: rgb && moved ? { color: colour(rgb) } : {}, text: arrow + text }),
    ` ${shape.description ?? ""}`,
  );
}

/**
 * @param {Sheet.Spec} spec
 * @param {number} height
 */
function plotted(spec, height) {
  const basic = spec.basicChart;
  if (spec.pieChart) {
    const parts = spec.pieChart.domain.sourceRange ?? spec.pieChart.domain;
    const sizes = spec.pieChart.series.sourceRange ?? spec.pieChart.series;
    const slices = parts.texts.flatMap((name, index) => {
      const value = sizes.values[index];
      return value === null ? [] : [{ name, value }];
    });
    return framed((width) => pie(width, slices, { height }), spec.altText ?? spec.title ?? "");
  }
  if (!basic) return el("p", { text: Object.keys(spec).find((key) => key.endsWith("Chart")) ?? "" });
  const skipped = basic.headerCount ?? 0;
  const domain = basic.domains[0].domain.sourceRange ?? basic.domains[0].domain;
  const series = basic.series.map((each) => {
    const data = each.series.sourceRange ?? each.series;
    const rgb = each.colorStyle?.rgbColor;
    return {
      name: skipped ? data.texts[0] : "",
      values: data.values.slice(skipped),
      texts: data.texts.slice(skipped),
      colour: rgb ? colour(rgbOf(rgb)) : undefined,
    };
  });
  const label = `${spec.altText ?? spec.title ?? ""}. ${series.map((each) => `${each.name} ${each.texts.findLast((text) => text) ?? "–"}`).join(", ")}`;
  return framed(
    (width) =>
      xy(width, domain.texts.slice(skipped), series, {
        kind: KINDS[basic.chartType] ?? "line",
        height,
        language: language(),
      }),
    label,
  );
}

/** Google's colour, whose parts are fractions and may be left out. @param {Record<string, number>} parts */
function rgbOf(parts) {
  return ["red", "green", "blue"].map((part) => Math.round(255 * (parts[part] ?? 0)));
}
