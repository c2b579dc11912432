// What the page knows, and who wants to hear of it.

import { read } from "./api.js";
import { unpressed } from "./press.js";

/** @type {any} Nothing draws these before they are read. */
const NOT_READ = null;

/** @type {PageState} */
export const state = {
  me: "",
  slack: NOT_READ,
  sheet: NOT_READ,
  strip: NOT_READ,
  words: null,
  wire: [],
  place: "C0MARKET",
  thread: "",
};

/** @type {Partial<Record<Subject, (() => unknown)[]>>} */
const listeners = {};
/** @type {Partial<Record<Read, { again: boolean, promise: Promise<void> }>>} */
const underway = {};

/**
 * Have `draw` called whenever `subject` (slack, sheet, strip, wire, me, place) changes.
 * @param {Subject} subject
 * @param {() => unknown} draw
 */
export function on(subject, draw) {
  (listeners[subject] ??= []).push(draw);
}

/** @param {Subject} subject */
export function tell(subject) {
  for (const draw of listeners[subject] ?? []) draw();
}

/**
 * Read a subject anew; asked again while reading, it reads once more after. Nothing is drawn under a press.
 * @param {Read} subject
 */
export async function refresh(subject) {
  if (underway[subject]) {
    underway[subject].again = true;
    return underway[subject].promise;
  }
  const mine = { again: false, promise: Promise.resolve() };
  underway[subject] = mine;
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

/** The person one is looking through. */
export function me() {
  const user = userOf(state.me);
  if (!user) throw new Error(`no user ${state.me}`);
  return user;
}

/** @param {string} id */
export function userOf(id) {
  return state.slack.users.find((user) => user.id === id);
}

/**
 * A person's language as the product writes it: en, ko or zh-TW.
 * @param {Slack.User | undefined} user
 * @returns {Language}
 */
export function languageOf(user) {
  const locale = user?.locale ?? "en";
  if (locale.startsWith("ko")) return "ko";
  return locale.startsWith("zh") ? "zh-TW" : "en";
}

/**
 * What `look` sees, as soon as it sees something; looked again at each change of `subject`.
 * @template Sight
 * @param {Subject} subject
 * @param {() => Sight | null | undefined | false} look
 * @returns {Promise<Sight>}
 */
export function until(subject, look) {
  return new Promise((resolve) => {
    const check = () => {
      const sight = look();
      if (!sight) return;
      listeners[subject] = listeners[subject]?.filter((each) => each !== check);
      resolve(sight);
    };
    on(subject, check);
    check();
  });
}
