// The block rich_text: sections, lists, quotes and code.

import { el } from "../dom.js";
import { state } from "../state.js";
import { emojied, link, mention } from "./mrkdwn.js";

/** @type {[string, "code" | "s" | "em" | "strong"][]} */
const STYLES = [
  ["code", "code"],
  ["strike", "s"],
  ["italic", "em"],
  ["bold", "strong"],
];

/** @param {Slack.Rich} block */
export function richText(block) {
  return el("div", { class: "rich" }, (block.elements ?? []).map(part));
}

/** @param {Slack.RichPart} element */
function part(element) {
  const inside = () => (element.elements ?? []).map(piece);
  if (element.type === "rich_text_list")
    return el(
      element.style === "ordered" ? "ol" : "ul",
      {},
      element.elements.map((item) => el("li", {}, item.elements.map(piece))),
    );
  if (element.type === "rich_text_preformatted") return el("pre", { class: "code" }, inside());
  if (element.type === "rich_text_quote") return el("blockquote", {}, inside());
  return el("p", {}, inside());
}

/**
 * @param {Slack.RichPiece} element
 * @returns {Dom.Item}
 */
function piece(element) {
  if (element.type === "user") return mention(element.user_id);
  if (element.type === "channel")
    return el("span", {
      class: "mention",
      text: `#${state.slack.channels.find((each) => each.id === element.channel_id)?.name ?? element.channel_id}`,
    });
  if (element.type === "emoji") return emojied(`:${element.name}:`);
  if (element.type === "link") return link(element.url, [element.text ?? element.url]);
  const style = element.style ?? {};
  /** @type {Dom.Item} */
  let made = element.text ?? "";
  for (const [name, tag] of STYLES) if (style[name]) made = el(tag, {}, made);
  return made;
}
