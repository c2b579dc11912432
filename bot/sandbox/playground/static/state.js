// What the page knows, and who wants to hear of it.

import { read } from "./api.js";
import { unpressed } from "./press.js";

export const state = { me: "", slack: null, sheet: null, strip: null, words: null, wire: [], place: "C0MARKET", thread: "" };

const listeners = {};
const underway = {};

/** Have `draw` called whenever `subject` (slack, sheet, strip, wire, me, place) changes. */
export function on(subject, draw) {
  (listeners[subject] ??= []).push(draw);
}

export function tell(subject) {
  for (const draw of listeners[subject] ?? []) draw();
}

/** Read a subject anew; asked again while reading, it reads once more after. Nothing is drawn under a press. */
export async function refresh(subject) {
  if (underway[subject]) {
    underway[subject].again = true;
    return underway[subject].promise;
  }
  const mine = (underway[subject] = { again: false });
  mine.promise = (async () => {
    try {
      do {
        mine.again = false;
        if (subject === "wire") await moreWire();
        else state[subject] = await read(subject);
        await unpressed();
        tell(subject);
      } while (mine.again);
    } finally {
      delete underway[subject];
    }
  })();
  return mine.promise;
}

async function moreWire() {
  const last = state.wire.at(-1)?.number ?? 0;
  const { entries } = await read(`wire?after=${last}`);
  state.wire = [...state.wire, ...entries].slice(-400);
}

export function me() {
  return state.slack.users.find((user) => user.id === state.me);
}

export function userOf(id) {
  return state.slack.users.find((user) => user.id === id);
}

/** A person's language as the product writes it: en, ko or zh-TW. */
export function languageOf(user) {
  const locale = user?.locale ?? "en";
  if (locale.startsWith("ko")) return "ko";
  return locale.startsWith("zh") ? "zh-TW" : "en";
}

/** `look` until it finds something; looked again at each change of `subject`. Rejects after `seconds`. */
export function until(subject, look, seconds = 30) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => finish(() => reject(new Error("Nothing came."))), seconds * 1000);
    const check = () => {
      const found = look();
      if (found) finish(() => resolve(found));
    };
    const finish = (then) => {
      clearTimeout(timer);
      listeners[subject] = listeners[subject].filter((each) => each !== check);
      then();
    };
    on(subject, check);
    check();
  });
}
