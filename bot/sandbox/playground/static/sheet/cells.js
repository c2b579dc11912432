// Names and looks of cells.

/**
 * 0 -> A, 26 -> AA
 * @param {number} column
 */
export function letters(column) {
  let found = "";
  for (let left = column + 1; left > 0; left = Math.floor((left - 1) / 26))
    found = String.fromCharCode(65 + ((left - 1) % 26)) + found;
  return found;
}

/**
 * @param {number} row
 * @param {number} column
 */
export function nameOf(row, column) {
  return `${letters(column)}${row + 1}`;
}

/**
 * `'Tab''s name'!B4`
 * @param {Sheet.Tab} tab
 * @param {number} row
 * @param {number} column
 */
export function address(tab, row, column) {
  return `'${tab.title.replaceAll("'", "''")}'!${nameOf(row, column)}`;
}

/**
 * @param {Edges} edges
 * @param {number} row
 * @param {number} column
 */
export function within([top, left, bottom, right], row, column) {
  return row >= top && row < bottom && column >= left && column < right;
}

/**
 * Whether the bot writes there.
 * @param {Sheet.Tab} tab
 * @param {number} row
 * @param {number} column
 */
export function isGuarded(tab, row, column) {
  return tab.guarded.some(
    (each) => within(each.area, row, column) && !each.open.some((open) => within(open, row, column)),
  );
}

/**
 * A colour for light and its counterpart for dark: the same hue, lightness turned round.
 * @param {Rgb} rgb
 */
export function colour(rgb) {
  const [hue, strength, light] = hsl(rgb);
  const dark = Math.min(0.9, Math.max(0.15, 1.02 - light * (light > 0.5 ? 0.88 : 1)));
  return `light-dark(rgb(${rgb.join(" ")}), hsl(${hue} ${Math.round(strength * 80)}% ${Math.round(dark * 100)}%))`;
}

/** @param {Rgb} rgb */
function hsl([r, g, b]) {
  const [red, green, blue] = [r / 255, g / 255, b / 255];
  const high = Math.max(red, green, blue),
    low = Math.min(red, green, blue),
    span = high - low;
  const light = (high + low) / 2;
  if (!span) return [0, 0, light];
  const strength = span / (1 - Math.abs(2 * light - 1));
  const turn =
    high === red
      ? ((green - blue) / span + 6) % 6
      : high === green
        ? (blue - red) / span + 2
        : (red - green) / span + 4;
  return [Math.round(turn * 60), strength, light];
}

/**
 * Put a look on a cell.
 * @param {HTMLElement} cell
 * @param {Sheet.Look} look
 */
export function dress(cell, look) {
  const style = cell.style;
  if (look.bold) style.fontWeight = "650";
  if (look.italic) style.fontStyle = "italic";
  if (look.strikethrough || look.underline)
    style.textDecoration = [look.strikethrough && "line-through", look.underline && "underline"]
      .filter(Boolean)
      .join(" ");
  if (look.size) style.fontSize = `${Math.round(look.size * 1.3)}px`;
  if (look.ink) style.color = colour(look.ink);
  if (look.paper) style.setProperty("--cell", colour(look.paper));
  if (look.align) style.textAlign = { left: "left", center: "center", right: "right" }[look.align];
  if (look.rise) style.verticalAlign = look.rise;
  if (look.wrap === "wrap") cell.classList.add("wraps");
  if (look.wrap === "clip") cell.classList.add("clips");
}
