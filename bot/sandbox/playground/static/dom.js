// Elements are made here and nowhere else. Text goes in as text nodes: nothing that people typed is ever read as HTML.

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element. `given`: class, text, on…: functions, data: {}, style: {}, any other key an attribute (null leaves it out).
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Dom.Given} given
 * @param {...Dom.Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, given = {}, ...children) {
  return filled(document.createElement(tag), given, children);
}

/**
 * The same for SVG.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Dom.Given} given
 * @param {...Dom.Child} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, given = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), given, children);
}

/**
 * @template {HTMLElement | SVGElement} Made
 * @param {Made} made
 * @param {Dom.Given} given
 * @param {Dom.Child[]} children
 * @returns {Made}
 */
function filled(made, given, children) {
  for (const [key, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "text") made.textContent = String(value);
    else if (key === "data") Object.assign(made.dataset, value);
    else if (key === "style") for (const [name, rule] of Object.entries(value)) made.style.setProperty(name, rule);
    else if (typeof value === "function") made.addEventListener(key.slice(2), /** @type {EventListener} */ (value));
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...nodes(children));
  return made;
}

/**
 * Put `children` in the place of everything that was in `parent`; what had the focus by its `data-keep` has it again.
 * @param {Element} parent
 * @param {...Dom.Child} children
 */
export function fill(parent, ...children) {
  const active = document.activeElement;
  const focused = active instanceof HTMLElement && parent.contains(active) ? active.dataset.keep : null;
  parent.replaceChildren(...nodes(children));
  if (focused) focusOn(parent.querySelector(`[data-keep="${CSS.escape(focused)}"]`));
  return parent;
}

/**
 * @param {Dom.Child[]} children
 * @returns {(Node | string)[]}
 */
function nodes(children) {
  return children
    .flat()
    .filter((item) => item !== null && item !== undefined && item !== false && item !== "")
    .map((item) => (item instanceof Node ? item : String(item)));
}

/** An element of index.html. @param {string} id */
export function byId(id) {
  const holder = document.getElementById(id);
  if (!holder) throw new Error(`no element ${id}`);
  return holder;
}

/** Focus an element, where there is one, without moving the page. @param {Element | null | undefined} element */
export function focusOn(element) {
  if (element instanceof HTMLElement) element.focus({ preventScroll: true });
}

/** The element that an event came from. @param {Event} event */
export function targetOf(event) {
  return /** @type {Element} */ (event.target);
}

/** @typedef {keyof typeof ICONS} IconName */
const ICONS = {
  sun: "M12 4V2M12 22v-2M4 12H2m20 0h-2M6 6 4.6 4.600m14.8 14.800L18 18M18 6l1.4-1.400M4.6 19.4 6 18M12 16.500a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9Z",
  moon: "M20 14.500A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.500Z",
  clock: "M12 7v5l3 2m6-2a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z",
  undo: "M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
  row: "M4 5h16M4 12h16M4 19h7m4 0h6m-3-3v6",
  down: "M7 4v16m0 0-3-3m3 3 3-3M14 6h6m-6 5h5m-5 5h3",
  up: "M7 20V4m0 0L4 7m3-3 3 3m4-1h3m-3 5h5m-5 5h6",
  pen: "M4 20h4L19 9l-4-4L4 16v4Z",
  sync: "M20 11a8 8 0 0 0-14.5-3.500L4 9m0-5v5h5M4 13a8 8 0 0 0 14.5 3.500L20 15m0 5v-5h-5",
  check: "M5 12.500l4.5 4.500L19 7.5",
  send: "M4 12 20 4l-6 16-3-7-7-1Z",
  lock: "M7 11V8a5 5 0 0 1 10 0v3m-11 0h12v9H6v-9Z",
  close: "M6 6l12 12M18 6 6 18",
  back: "M15 5l-7 7 7 7",
  wire: "M4 8h13m0 0-3-3m3 3-3 3M20 16H7m0 0 3-3m-3 3 3 3",
  mail: "M4 6h16v12H4V6Zm0 1 8 6 8-6",
  clip: "M8 12.5l6.500-6.500a3.5 3.5 0 0 1 5 5L11 19.500a5 5 0 0 1-7-7L12.500 4",
  bolt: "M13 3 5 14h6l-1 7 8-11h-6l1-7Z",
};

/** @param {IconName} name */
export function icon(name) {
  const path = svg("path", {
    d: ICONS[name],
    fill: "none",
    stroke: "currentColor",
    "stroke-width": "1.8",
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
  });
  return svg("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", focusable: "false" }, path);
}
