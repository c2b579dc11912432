// The Slack-like side: places on the left, the talk in the middle, what one writes below.

import { send } from "../api.js";
import { el, fill, icon } from "../dom.js";
import { me, on, state, tell, userOf } from "../state.js";
import { attempt } from "../told.js";
import { language, messageTime, word } from "../words.js";
import { blocks } from "./blocks.js";
import { composer } from "./composer.js";
import { message } from "./message.js";
import { drawModal } from "./modal.js";
import { channelNow, direct, fitPlace, goTo, isMine, lastTs, messagesOf, nameOf } from "./places.js";

/** By person and channel: when its newest message came that the person has seen. @type {Map<string, string>} */
const seen = new Map();
/** Messages as drawn, by all that their looks depend on. @type {Map<string, HTMLElement>} */
let drawn = new Map();
let shape = "";
/** @type {HTMLElement} */
let side;
/** @type {HTMLElement} */
let room;
/** @type {HTMLElement} */
let log;
/** @type {HTMLElement} */
let head;
/** @type {HTMLElement | null} */
let writer = null;

/** @param {HTMLElement} pane */
export function startSlack(pane) {
  side = el("nav", { class: "places" });
  head = el("header", { class: "room-head" });
  log = el("div", { class: "log", role: "log", "aria-live": "polite", tabindex: 0 });
  room = el("div", { class: "room" }, head, log);
  pane.append(side, room);
  on("slack", draw);
  on("words", draw);
  on("place", () => {
    state.thread = "";
    draw(true);
  });
  on("thread", () => draw(true));
  on("me", () => {
    drawn = new Map();
    fitPlace();
    shape = "";
    draw(true);
  });
}

function draw(anew = false) {
  const channel = channelNow();
  const outline = [state.me, state.place, state.thread].join();
  if (outline !== shape) {
    shape = outline;
    drawn = new Map();
    drawHead(channel);
    writer?.remove();
    writer = state.place === "home" ? null : composer(channel, state.thread);
    if (writer) room.append(writer);
    anew = true;
  }
  drawPlaces();
  if (state.place === "home") drawHome();
  else drawLog(channel, anew);
  drawModal();
}

function drawPlaces() {
  for (const channel of state.slack.channels)
    if (channelNow()?.id === channel.id) seen.set(state.me + channel.id, lastTs(channel));
  /**
   * @param {string} id
   * @param {Dom.Child} label
   * @param {Slack.Channel | undefined} channel
   * @param {boolean} now
   */
  const entry = (id, label, channel, now) => {
    const fresh = !now && channel && lastTs(channel) > (seen.get(state.me + channel.id) ?? "");
    return el(
      "button",
      {
        type: "button",
        class: fresh ? "place fresh" : "place",
        "aria-current": now ? "page" : null,
        data: { keep: id },
        onclick: () => goTo(id),
      },
      label,
    );
  };
  const channels = state.slack.channels.filter((each) => each.kind !== "im" && isMine(each));
  const talk = direct();
  const bot = userOf(state.slack.bot);
  const lamp = el("span", {
    class: state.slack.connected ? "lamp on" : "lamp",
    title: state.slack.connected ? null : word("disconnected"),
  });
  fill(
    side,
    el("h2", { text: word("channels") }),
    channels.map((each) =>
      entry(
        each.id,
        [el("span", { class: "sign" }, each.kind === "group" ? icon("lock") : "#"), each.name],
        each,
        state.place === each.id,
      ),
    ),
    el("h2", { text: word("direct") }),
    entry("dm", [lamp, bot?.real_name], talk, state.place === "dm" || state.place === "home"),
  );
  side.setAttribute("aria-label", word("channels"));
}

/** @param {Slack.Channel} channel */
function drawHead(channel) {
  if (state.thread) {
    const back = () => {
      state.thread = "";
      tell("thread");
    };
    fill(
      head,
      el("button", { type: "button", class: "icon-button", "aria-label": word("back"), onclick: back }, icon("back")),
      el("h2", { text: word("thread") }),
      el("span", { class: "quiet", text: nameOf(channel) }),
    );
    return;
  }
  if (channel?.kind !== "im") {
    const people = channel.members
      .filter((id) => !userOf(id)?.is_bot)
      .map((id) => userOf(id)?.name)
      .join(", ");
    fill(head, el("h2", { text: nameOf(channel) }), el("span", { class: "quiet", text: people }));
    return;
  }
  /** @param {"home" | "messages"} place */
  const tab = (place) =>
    el("button", {
      type: "button",
      role: "tab",
      "aria-selected": String(state.place === (place === "messages" ? "dm" : place)),
      data: { keep: place },
      onclick: () => goTo(place === "messages" ? "dm" : place),
      text: word(place),
    });
  fill(
    head,
    el("h2", { text: nameOf(channel) }),
    el("div", { class: "switch", role: "tablist", "aria-label": nameOf(channel) }, tab("home"), tab("messages")),
  );
  if (state.place === "home") attempt(() => send("slack/home", { user: state.me }));
}

/**
 * @param {Slack.Channel} channel
 * @param {boolean} anew
 */
function drawLog(channel, anew) {
  const all = messagesOf(channel);
  const shown = state.thread
    ? all.filter((each) => each.ts === state.thread || each.thread_ts === state.thread)
    : all.filter((each) => !each.thread_ts || each.thread_ts === each.ts);
  const atEnd = anew || showsNewest();
  const next = new Map();
  let day = "";
  const children = [];
  for (const each of shown) {
    const replies = state.thread
      ? 0
      : all.filter((other) => other.thread_ts === each.ts && other.ts !== each.ts).length;
    const today = messageTime(each.ts, me().tz).day;
    if (today !== day) children.push(el("div", { class: "day" }, el("span", { text: today })));
    day = today;
    const key = JSON.stringify([each.ts, each.edited, each.reactions, replies, each.blocks?.length]);
    const made =
      drawn.get(key) ??
      message(each, replies, () => {
        state.thread = each.ts;
        tell("thread");
      });
    next.set(key, made);
    children.push(made);
  }
  drawn = next;
  if (!children.length)
    children.push(
      el("p", {
        class: "empty",
        text: channel.members.includes(state.slack.bot) ? word("nothing", { words: firstWords() }) : word("quiet"),
      }),
    );
  sameOrder(log, children);
  log.setAttribute("aria-label", nameOf(channel));
  if (atEnd) toEnd(anew);
}

/** A question that has a number. */
function firstWords() {
  return state.words?.[language()].first?.words ?? "help";
}

/**
 * Put `children` in, leaving those alone that stand already, so that nothing in them is lost.
 * @param {HTMLElement} parent
 * @param {Element[]} children
 */
function sameOrder(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, index) => {
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  });
}

/** Whether the newest message is in view, so that the next one may move it up. */
function showsNewest() {
  const last = log.lastElementChild;
  return !(last instanceof HTMLElement) || last.offsetTop - log.offsetTop < log.scrollTop + log.clientHeight;
}

/**
 * Show the newest message from its head on.
 * @param {boolean} anew
 */
function toEnd(anew) {
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      const last = log.lastElementChild;
      if (!(last instanceof HTMLElement)) return;
      const top = last.offsetTop - log.offsetTop - 2;
      const to = last.offsetHeight > log.clientHeight ? top : log.scrollHeight;
      const near = Math.abs(Math.min(to, log.scrollHeight - log.clientHeight) - log.scrollTop) < 160;
      log.scrollTo({ top: to, behavior: anew || near ? "instant" : "smooth" });
    }),
  );
}

function drawHome() {
  const view = state.slack.homes[state.me];
  const key = view ? view.id + view.hash : "none";
  if (log.dataset.home === key && drawn.has("home")) return;
  log.dataset.home = key;
  /** @type {Slack.Act} */
  const act = async (item, _id, value) => {
    await attempt(() =>
      send("slack/press_in_view", {
        user: state.me,
        view_id: view.id,
        action_id: item.action_id,
        value: value ?? null,
        values: act.values,
      }),
    );
  };
  act.values = {};
  drawn = new Map([["home", log]]);
  fill(
    log,
    view ? el("div", { class: "home" }, blocks(view.blocks, act)) : el("p", { class: "empty", text: word("no_home") }),
  );
}
