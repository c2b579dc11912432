// One message as it stands in a channel or a thread.

import { send } from "../api.js";
import { el } from "../dom.js";
import { languageOf, me, state, userOf } from "../state.js";
import { attempt, say } from "../told.js";
import { messageTime, word } from "../words.js";
import { blocks } from "./blocks.js";
import { emojied, mrkdwn } from "./mrkdwn.js";

/**
 * `replies` counts those below it in a thread; `open` opens the thread.
 * @param {Slack.Message} given
 * @param {number} replies
 * @param {() => void} open
 */
export function message(given, replies, open) {
  const user = userOf(given.user);
  const time = messageTime(given.ts, me().tz);
  const head = el(
    "div",
    { class: "who" },
    el("b", { text: user?.real_name ?? given.user }),
    user?.is_bot ? el("span", { class: "badge", text: word("app") }) : null,
    el("time", { title: time.whole, text: time.short }),
    given.edited ? el("span", { class: "edited", text: `(${word("edited")})` }) : null,
  );
  const only = given.to ? el("div", { class: "eye", text: word("only") }) : null;
  const body = given.blocks?.length
    ? blocks(given.blocks, pressing(given))
    : [el("div", { class: "text block" }, mrkdwn(given.text ?? ""))];
  const more = replies
    ? el("button", {
        type: "button",
        class: "replies",
        onclick: open,
        text: word(replies === 1 ? "replies_1" : "replies", { n: replies }),
      })
    : null;
  return el(
    "article",
    { class: given.to ? "message only" : "message", data: { ts: given.ts }, lang: given.to ? languageOf(me()) : null },
    avatar(user),
    el("div", { class: "body" }, only, head, body, files(given), reactions(given), more),
  );
}

/** @param {Slack.User | undefined} user */
export function avatar(user) {
  if (user?.is_bot) return el("img", { class: "avatar", src: "/static/icon.svg", alt: "" });
  const initials = (user?.real_name ?? "?")
    .split(" ")
    .map((part) => part[0])
    .join("")
    .slice(0, 2);
  return el("span", {
    class: `avatar tone-${(user?.id ?? "").length + ((user?.name ?? "").charCodeAt(0) % 4)}`,
    "aria-hidden": "true",
    text: initials,
  });
}

/**
 * What a button of this message does: it is pressed as the person one is looking through.
 * @param {Slack.Message} given
 * @returns {Slack.Act}
 */
function pressing(given) {
  /** @type {(item: Slack.Element) => Record<string, unknown>} */
  const where = (item) => ({ user: state.me, channel: given.channel, ts: given.ts, action_id: item.action_id });
  /** @type {Slack.Act} */
  const press = async (item, _id, value) => {
    await attempt(async () => {
      const { ack } = await send("slack/press", { ...where(item), value: value ?? null });
      if (!ack.acked) say(word("no_answer"));
    });
  };
  press.suggest = async (item, text) => {
    const { ack } = await send("slack/suggest", { ...where(item), typed: text });
    return ack.body?.options ?? [];
  };
  return press;
}

/** @param {Slack.Message} given */
function files(given) {
  return (given.files ?? []).map((file) => el("div", { class: "file", text: `📎 ${file.title ?? file.name}` }));
}

/** @param {Slack.Message} given */
function reactions(given) {
  if (!given.reactions?.length) return null;
  return el(
    "div",
    { class: "reactions" },
    given.reactions.map((each) => el("span", { text: `${emojied(`:${each.name}:`)} ${each.count}` })),
  );
}
