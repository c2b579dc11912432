// Block Kit as elements. `act` is what the blocks' buttons do: act(element, block_id, value), and where inputs keep
// what was entered: act.values.

import { el } from "../dom.js";
import { word } from "../words.js";
import { dataVisualization } from "./chart.js";
import { element, input } from "./elements.js";
import { markdown, textObject } from "./mrkdwn.js";
import { richText } from "./rich.js";
import { dataTable, table } from "./table.js";

/**
 * @param {Slack.Block[]} given
 * @param {Slack.Act} act
 */
export function blocks(given, act) {
  return given.map((block, index) => drawn(block, block.block_id ?? `block-${index}`, act));
}

/** @type {Record<string, (block: any, id: string, act: Slack.Act) => HTMLElement>} */
const KINDS = {
  header: (block) => el("h3", { class: "headline" }, textObject(block.text)),
  section,
  context: (block) => el("div", { class: "context" }, block.elements.map(remark)),
  markdown: (block) => el("div", { class: "markdown" }, markdown(block.text)),
  divider: () => el("hr"),
  table,
  data_table: dataTable,
  data_visualization: dataVisualization,
  rich_text: richText,
  image: (block) =>
    el("figure", {}, block.title ? el("figcaption", {}, textObject(block.title)) : null, picture(block)),
  actions,
  context_actions: actions,
  input,
  container,
};

/**
 * @param {Slack.Block} block
 * @param {string} id
 * @param {Slack.Act} act
 */
function drawn(block, id, act) {
  const draw = KINDS[block.type];
  const made = draw ? draw(block, id, act) : el("p", { class: "context", text: block.type });
  made.classList.add("block");
  return made;
}

/** @param {Slack.Element} item */
function remark(item) {
  return item.type === "image" ? picture(item) : el("span", {}, textObject(item));
}

/**
 * @param {Slack.Row} block
 * @param {string} id
 * @param {Slack.Act} act
 */
function actions(block, id, act) {
  return el(
    "div",
    { class: "actions" },
    block.elements.map((item) => element(item, id, act)),
  );
}

/**
 * @param {Slack.Section} block
 * @param {string} id
 * @param {Slack.Act} act
 */
function section(block, id, act) {
  const words = el(
    "div",
    { class: "words" },
    block.text ? el("div", { class: "text" }, textObject(block.text)) : null,
    block.fields
      ? el(
          "div",
          { class: "fields" },
          block.fields.map((field) => el("div", { class: "text" }, textObject(field))),
        )
      : null,
  );
  const beside = block.accessory
    ? block.accessory.type === "image"
      ? picture(block.accessory)
      : element(block.accessory, id, act)
    : null;
  return el("div", { class: "section" }, words, beside);
}

/**
 * @param {Slack.Container} block
 * @param {string} id
 * @param {Slack.Act} act
 */
function container(block, id, act) {
  const title = block.title ? textObject(block.title) : [richText(block.rich_text_title)];
  /** @type {Slack.Act} */
  const inContainer = (item, _id, value) => act(item, id, value);
  const inside = blocks(block.child_blocks, Object.assign(inContainer, act));
  const under = block.subtitle ? el("div", { class: "context" }, textObject(block.subtitle)) : null;
  if (!block.is_collapsible) return el("div", { class: "container" }, el("h4", {}, title), under, inside);
  return el("details", { class: "container", open: !block.default_collapsed }, el("summary", {}, title), under, inside);
}

/**
 * Pictures of this machine are shown; others are named: nothing is loaded from elsewhere.
 * @param {Slack.Picture} block
 */
function picture(block) {
  if (block.image_url?.startsWith("/") || block.image_url?.startsWith(location.origin))
    return el("img", { src: block.image_url, alt: block.alt_text });
  return el("span", { class: "picture", text: word("image", { name: block.alt_text ?? "" }) });
}
