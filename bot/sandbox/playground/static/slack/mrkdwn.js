// Slack's marks as elements: *bold* _italic_ ~struck~ `code`, quotes, lists, <links>, <@people>, <#channels>, :emoji:.

import { el } from "../dom.js";
import { state, tell, userOf } from "../state.js";

/** @type {Record<string, string>} */
const EMOJI = {
  white_check_mark: "✅",
  heavy_check_mark: "✔️",
  warning: "⚠️",
  x: "❌",
  bulb: "💡",
  tada: "🎉",
  bell: "🔔",
  eyes: "👀",
  chart_with_upwards_trend: "📈",
  chart_with_downwards_trend: "📉",
  bar_chart: "📊",
  dart: "🎯",
  rotating_light: "🚨",
  large_green_circle: "🟢",
  large_yellow_circle: "🟡",
  red_circle: "🔴",
  white_circle: "⚪",
  lock: "🔒",
  calendar: "📅",
  hourglass_flowing_sand: "⏳",
  arrow_up: "⬆️",
  arrow_down: "⬇️",
  arrow_right: "➡️",
  point_right: "👉",
  mag: "🔍",
  memo: "📝",
  link: "🔗",
  speech_balloon: "💬",
  pushpin: "📌",
  rocket: "🚀",
  thumbsup: "👍",
  "+1": "👍",
  "-1": "👎",
  wave: "👋",
  sparkles: "✨",
  fire: "🔥",
  question: "❓",
  exclamation: "❗",
  information_source: "ℹ️",
  clock9: "🕘",
};
/** @type {{ find: RegExp, tag: "code" | "strong" | "em" | "s", raw?: boolean }[]} */
const INLINE = [
  { find: /`([^`\n]+)`/, tag: "code", raw: true },
  { find: /(?<![\p{L}\p{N}*])\*(?=\S)([^*\n]*\S)\*(?![\p{L}\p{N}*])/u, tag: "strong" },
  { find: /(?<![\p{L}\p{N}_])_(?=\S)([^_\n]*\S)_(?![\p{L}\p{N}_])/u, tag: "em" },
  { find: /(?<![\p{L}\p{N}~])~(?=\S)([^~\n]*\S)~(?![\p{L}\p{N}~])/u, tag: "s" },
];

/** @param {string} text */
export function unescaped(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** @param {string} text */
export function emojied(text) {
  return text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJI[name] ?? whole);
}

/**
 * A text object of Block Kit as nodes.
 * @param {Slack.Text} [object]
 * @returns {Dom.Item[]}
 */
export function textObject(object) {
  if (!object) return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text);
  return [object.emoji === false ? object.text : emojied(object.text)];
}

/**
 * Marked text as nodes: quotes and code blocks stand as blocks of their own.
 * @param {string} text
 * @returns {Dom.Item[]}
 */
export function mrkdwn(text) {
  /** @type {Dom.Item[]} */
  const nodes = [];
  for (const [index, part] of text.split("```").entries()) {
    if (index % 2) nodes.push(el("pre", { class: "code", text: unescaped(part.replace(/^\n|\n$/g, "")) }));
    else nodes.push(...quoted(part));
  }
  return nodes;
}

/**
 * @param {string} text
 * @returns {Dom.Item[]}
 */
function quoted(text) {
  /** @type {Dom.Item[]} */
  const nodes = [];
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    if (/^(&gt;|>) ?/.test(lines[at])) {
      const from = at;
      while (at + 1 < lines.length && /^(&gt;|>) ?/.test(lines[at + 1])) at += 1;
      const inside = lines
        .slice(from, at + 1)
        .map((line) => line.replace(/^(&gt;|>) ?/, ""))
        .join("\n");
      nodes.push(el("blockquote", {}, angled(inside)));
    } else {
      nodes.push(...angled(lines[at] + (at + 1 < lines.length ? "\n" : "")));
    }
  }
  return nodes;
}

/**
 * What stands in <angles> first, the marks in between after.
 * @param {string} text
 * @returns {Dom.Item[]}
 */
function angled(text) {
  /** @type {Dom.Item[]} */
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(/<([^<>\n]+)>/g)) {
    nodes.push(...marked(text.slice(from, found.index)), reference(found[1]));
    from = found.index + found[0].length;
  }
  return [...nodes, ...marked(text.slice(from))];
}

/**
 * @param {string} text
 * @returns {Dom.Item[]}
 */
function marked(text) {
  if (!text) return [];
  for (const { find, tag, raw } of INLINE) {
    const found = find.exec(text);
    if (!found) continue;
    const inside = raw ? [unescaped(found[1])] : marked(found[1]);
    return [
      ...marked(text.slice(0, found.index)),
      el(tag, {}, inside),
      ...marked(text.slice(found.index + found[0].length)),
    ];
  }
  return [emojied(unescaped(text))];
}

/** @param {string} inside */
function reference(inside) {
  const [target, label] = inside.split(/\|(.*)/s);
  if (target.startsWith("@")) return mention(target.slice(1), label);
  if (target.startsWith("#")) {
    const channel = state.slack.channels.find((each) => each.id === target.slice(1));
    return el("span", { class: "mention", text: `#${channel?.name ?? label ?? target.slice(1)}` });
  }
  if (target.startsWith("!")) return el("span", { class: "mention", text: label ?? `@${target.slice(1)}` });
  return link(unescaped(target), label ? marked(label) : [unescaped(target)]);
}

/**
 * @param {string} id
 * @param {string} [label]
 */
export function mention(id, label) {
  const user = userOf(id);
  const mine = id === state.me ? " mine" : "";
  return el("span", { class: `mention${mine}`, text: `@${user?.real_name ?? label ?? id}` });
}

/**
 * A link that opens elsewhere when it is pressed, the Sheet's beside; only http, https and mail addresses become links.
 * @param {string} address
 * @param {Dom.Item[]} children
 */
export function link(address, children) {
  if (!/^(https?:|mailto:)/i.test(address)) return el("span", {}, children);
  const here = state.sheet?.url && address.startsWith(state.sheet.url.replace(/\/edit$/, ""));
  if (here)
    return el(
      "a",
      {
        href: "#sheet",
        onclick: (event) => {
          event.preventDefault();
          tell("show-sheet");
        },
      },
      children,
    );
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, children);
}

/**
 * The `markdown` block: headings, lists, bold, italic, code and links.
 * @param {string} text
 */
export function markdown(text) {
  return text.split(/\n{2,}/).map((part) => {
    const heading = /^#{1,6} +(.*)$/.exec(part);
    if (heading) return el("h4", {}, spans(heading[1]));
    const lines = part.split("\n");
    if (lines.every((line) => /^[-*] +/.test(line))) {
      return el(
        "ul",
        {},
        lines.map((line) => el("li", {}, spans(line.replace(/^[-*] +/, "")))),
      );
    }
    return el("p", {}, spans(part));
  });
}

/**
 * @param {string} text
 * @returns {Dom.Item[]}
 */
function spans(text) {
  const found =
    /\*\*(.+?)\*\*|`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)|(?<![\p{L}\p{N}])[_*](?=\S)(.+?)[_*](?![\p{L}\p{N}])/u.exec(
      text,
    );
  if (!found) return text ? [emojied(text)] : [];
  const [whole, bold, code, label, address, italic] = found;
  const middle = bold
    ? el("strong", {}, spans(bold))
    : code
      ? el("code", { text: code })
      : label
        ? link(address, [label])
        : el("em", {}, spans(italic));
  return [...spans(text.slice(0, found.index)), middle, ...spans(text.slice(found.index + whole.length))];
}
