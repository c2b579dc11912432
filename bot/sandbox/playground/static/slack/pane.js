// The Slack-like side: places on the left, the talk in the middle, what one writes below.

import { send } from "../api.js";
import { el, fill, icon } from "../dom.js";
import { me, on, state, tell, userOf } from "../state.js";
import { attempt } from "../told.js";
import { messageTime, word } from "../words.js";
import { blocks } from "./blocks.js";
import { composer } from "./composer.js";
import { message } from "./message.js";
import { drawModal } from "./modal.js";

const seen = new Map();
let kept = new Map();
let shape = "";
let side, room, log, head, writer;

export function startSlack(pane) {
  side = el("nav", { class: "places" });
  head = el("header", { class: "room-head" });
  log = el("div", { class: "log", role: "log", "aria-live": "polite", tabindex: 0 });
  room = el("div", { class: "room" }, head, log);
  pane.append(side, room);
  on("slack", draw);
  on("place", () => { state.thread = ""; draw(true); });
  on("thread", () => draw(true));
  on("me", () => { kept = new Map(); fitPlace(); shape = ""; draw(true); });
}

/** Go to a channel, to `dm` (the talk with the bot) or to `home`. */
export function goTo(place) {
  state.place = place;
  tell("place");
}

function mine(channel) {
  return channel.members.includes(state.me);
}

function fitPlace() {
  const channel = state.slack.channels.find((each) => each.id === state.place);
  if (channel && !mine(channel)) state.place = "C0MARKET";
}

/** The channel one looks at; home and dm are two sides of the talk with the bot. */
export function channelNow() {
  if (state.place !== "dm" && state.place !== "home") return state.slack.channels.find((each) => each.id === state.place);
  return state.slack.channels.find((each) => each.kind === "im" && each.user === state.me);
}

function messagesOf(channel) {
  return state.slack.messages.filter((each) => each.channel === channel?.id && (!each.to || each.to === state.me));
}

function draw(anew = false) {
  const channel = channelNow();
  const outline = [state.me, state.place, state.thread].join();
  if (outline !== shape) {
    shape = outline;
    kept = new Map();
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
  for (const channel of state.slack.channels) if (channelNow()?.id === channel.id) seen.set(state.me + channel.id, lastTs(channel));
  const entry = (id, label, channel, now) => {
    const fresh = !now && channel && lastTs(channel) > (seen.get(state.me + channel.id) ?? "");
    return el("button", { type: "button", class: fresh ? "place fresh" : "place", "aria-current": now ? "page" : null, data: { keep: id }, onclick: () => goTo(id) }, label);
  };
  const channels = state.slack.channels.filter((each) => each.kind !== "im" && mine(each));
  const direct = state.slack.channels.find((each) => each.kind === "im" && each.user === state.me);
  const bot = userOf(state.slack.bot);
  const lamp = el("span", { class: state.slack.connected ? "lamp on" : "lamp", title: state.slack.connected ? null : word("disconnected") });
  fill(side, el("h2", { text: word("channels") }),
    channels.map((each) => entry(each.id, [el("span", { class: "sign" }, each.kind === "group" ? icon("lock") : "#"), each.name], each, state.place === each.id)),
    el("h2", { text: word("direct") }),
    entry("dm", [lamp, bot.real_name], direct, state.place === "dm" || state.place === "home"));
  side.setAttribute("aria-label", word("channels"));
}

function lastTs(channel) {
  return messagesOf(channel).at(-1)?.ts ?? "";
}

function drawHead(channel) {
  if (state.thread) {
    const back = () => { state.thread = ""; tell("thread"); };
    fill(head, el("button", { type: "button", class: "icon-button", "aria-label": word("back"), onclick: back }, icon("back")), el("h2", { text: word("thread") }), el("span", { class: "quiet", text: nameOf(channel) }));
    return;
  }
  if (channel?.kind !== "im") {
    const people = channel.members.filter((id) => !userOf(id)?.is_bot).map((id) => userOf(id)?.name).join(", ");
    fill(head, el("h2", { text: nameOf(channel) }), el("span", { class: "quiet", text: people }));
    return;
  }
  const tab = (place) => el("button", { type: "button", role: "tab", "aria-selected": String(state.place === (place === "messages" ? "dm" : place)), data: { keep: place }, onclick: () => goTo(place === "messages" ? "dm" : place), text: word(place) });
  fill(head, el("h2", { text: userOf(state.slack.bot).real_name }), el("div", { class: "switch", role: "tablist", "aria-label": userOf(state.slack.bot).real_name }, tab("home"), tab("messages")));
  if (state.place === "home") attempt(() => send("slack/home", { user: state.me }));
}

export function nameOf(channel) {
  return channel.kind === "im" ? userOf(state.slack.bot).real_name : `#${channel.name}`;
}

function drawLog(channel, anew) {
  const all = messagesOf(channel);
  const shown = state.thread ? all.filter((each) => each.ts === state.thread || each.thread_ts === state.thread) : all.filter((each) => !each.thread_ts || each.thread_ts === each.ts);
  const atEnd = anew || showsNewest();
  const next = new Map();
  let day = "";
  const children = [];
  for (const each of shown) {
    const replies = state.thread ? 0 : all.filter((other) => other.thread_ts === each.ts && other.ts !== each.ts).length;
    const today = messageTime(each.ts, me().tz).day;
    if (today !== day) children.push(el("div", { class: "day" }, el("span", { text: today })));
    day = today;
    const key = JSON.stringify([each.ts, each.edited, each.reactions, replies, each.blocks?.length]);
    const made = kept.get(key) ?? message(each, replies, () => { state.thread = each.ts; tell("thread"); });
    next.set(key, made);
    children.push(made);
  }
  kept = next;
  if (!children.length) children.push(el("p", { class: "empty", text: channel.members.includes(state.slack.bot) ? word("nothing") : word("quiet") }));
  sameOrder(log, children);
  log.setAttribute("aria-label", nameOf(channel));
  if (atEnd) toEnd(anew);
}

/** Put `children` in, leaving those alone that stand already, so that nothing in them is lost. */
function sameOrder(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, index) => { if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null); });
}

/** Whether the newest message is in view, so that the next one may move it up. */
function showsNewest() {
  const last = log.lastElementChild;
  return !last || last.offsetTop - log.offsetTop < log.scrollTop + log.clientHeight;
}

/** Show the newest message from its head on. */
function toEnd(anew) {
  requestAnimationFrame(() => requestAnimationFrame(() => {
    const last = log.lastElementChild;
    const top = last.offsetTop - log.offsetTop - 2;
    const to = last.offsetHeight > log.clientHeight ? top : log.scrollHeight;
    const near = Math.abs(Math.min(to, log.scrollHeight - log.clientHeight) - log.scrollTop) < 160;
    log.scrollTo({ top: to, behavior: anew || near ? "instant" : "smooth" });
  }));
}

function drawHome() {
  const view = state.slack.homes[state.me];
  const key = view ? view.id + view.hash : "none";
  if (log.dataset.home === key && kept.has("home")) return;
  log.dataset.home = key;
  const act = async (item, _id, value) => { await attempt(() => send("slack/press_in_view", { user: state.me, view_id: view.id, action_id: item.action_id, value: value ?? null, values: act.values })); };
  act.values = {};
  kept = new Map([["home", true]]);
  fill(log, view ? el("div", { class: "home" }, blocks(view.blocks, act)) : el("p", { class: "empty", text: word("no_home") }));
}
