// Where one can be in Slack: the channels, the talk with the bot and its Home; and what stands in each.

import { state, tell, userOf } from "../state.js";

export const MARKET = "C0MARKET";

/** Go to a channel, to `dm` (the talk with the bot) or to `home`. @param {string} place */
export function goTo(place) {
  state.place = place;
  tell("place");
}

/** Whether the person one is looking through is in it. @param {Slack.Channel} channel */
export function isMine(channel) {
  return channel.members.includes(state.me);
}

/** Leave a channel that the person one is looking through is not in. */
export function fitPlace() {
  const channel = state.slack.channels.find((each) => each.id === state.place);
  if (channel && !isMine(channel)) state.place = MARKET;
}

/** The person's talk with the bot. */
export function direct() {
  return state.slack.channels.find((each) => each.kind === "im" && each.user === state.me);
}

/** The channel one looks at; home and dm are two sides of the talk with the bot. */
export function channelNow() {
  const here =
    state.place === "dm" || state.place === "home"
      ? direct()
      : state.slack.channels.find((each) => each.id === state.place);
  if (!here) throw new Error(`no channel ${state.place}`);
  return here;
}

/** @param {Slack.Channel} channel */
export function nameOf(channel) {
  return channel.kind === "im" ? (userOf(state.slack.bot)?.real_name ?? "") : `#${channel.name}`;
}

/** What the person may see of a channel, oldest first. @param {Slack.Channel} [channel] */
export function messagesOf(channel) {
  return state.slack.messages.filter((each) => each.channel === channel?.id && (!each.to || each.to === state.me));
}

/** When its newest message came; empty where there is none. @param {Slack.Channel} [channel] */
export function lastTs(channel) {
  return messagesOf(channel).at(-1)?.ts ?? "";
}
