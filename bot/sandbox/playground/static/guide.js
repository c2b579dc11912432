// The first minute: five things to try, each one press, each showing what went over the wire.

import { el, fill, focusOn } from "./dom.js";
import { languageOf, me, on, refresh, state, until } from "./state.js";
import { write } from "./slack/composer.js";
import { MARKET, channelNow, goTo } from "./slack/places.js";
import { openTab, syncNow, typeInto } from "./sheet/pane.js";
import { send } from "./api.js";
import { forward, showWire } from "./strip.js";
import { attempt, say } from "./told.js";
import { word } from "./words.js";

/** Columns of the goals tab: what people type, and what the bot answers. */
const KPI = 0;
const TARGET = 2;
const BY = 4;
const ACTUAL = 7;
/** Milliseconds for which a step holds up the others; what it waits for may still come later. */
const PATIENCE = 30_000;
const STEPS = { ask, split, read, edit, monday };
/** @typedef {keyof typeof STEPS} StepName */

/** @type {Set<StepName>} */
const tried = new Set();
/** What the last step did, and the newest entry of the wire before it. @type {Story | null} */
let story = null;
/** @type {StepName | ""} */
let busy = "";
/** @type {HTMLElement} */
let list;
/** @type {HTMLElement} */
let told;
/** @type {(pane: string) => void} */
let showPane;

/** What a story tells; `told` names another one than the step's usual. @typedef {Record<string, string | number>} Places */
/** @typedef {{ key: string, places: Places, since: number }} Story */

/**
 * @param {HTMLElement} holder
 * @param {(pane: string) => void} show
 */
export function startGuide(holder, show) {
  showPane = show;
  list = el("ol", {});
  told = el("div", { class: "story", role: "status" });
  holder.append(list, told);
  on("me", draw);
  draw();
}

function draw() {
  list.parentElement?.setAttribute("aria-label", word("guide"));
  const names = /** @type {StepName[]} */ (Object.keys(STEPS));
  const next = names.find((name) => !tried.has(name));
  fill(
    list,
    el("li", { class: "lead", text: word("guide") }),
    names.map((name, index) => {
      const kind = ["step", tried.has(name) && "done", name === next && "next"].filter(Boolean).join(" ");
      return el(
        "li",
        {},
        el(
          "button",
          {
            type: "button",
            class: kind,
            disabled: busy !== "",
            "aria-busy": busy === name ? "true" : null,
            data: { step: name, keep: name },
            onclick: () => run(name),
          },
          el("span", { class: "number", text: tried.has(name) ? "✓" : index + 1 }),
          word(`step_${name}`),
        ),
      );
    }),
  );
  const since = story?.since ?? 0;
  if (!story) fill(told, el("span", { text: word("intro") }));
  else
    fill(
      told,
      el("span", { text: word(story.key, story.places) }),
      el("button", {
        type: "button",
        class: "link-button",
        onclick: () => showWire(since),
        text: word("show_wire"),
      }),
    );
}

/** @param {StepName} name */
async function run(name) {
  busy = name;
  draw();
  const since = state.wire.at(-1)?.number ?? 0;
  const patience = setTimeout(() => {
    say(word("still_waiting"), 10);
    release(name);
  }, PATIENCE);
  await attempt(async () => {
    /** @type {Places | null} */
    const places = await STEPS[name]();
    if (!places) return; // refused, and told why
    tried.add(name);
    story = { key: places.told ? `tell_${name}_${places.told}` : `tell_${name}`, places, since };
  });
  clearTimeout(patience);
  const mine = busy === name;
  release(name);
  if (mine) focusOn(list.querySelector(`[data-step="${name}"]`));
}

/** Let other steps be pressed. @param {StepName} name */
function release(name) {
  if (busy === name) busy = "";
  draw();
}

function answers() {
  return state.slack.messages.filter(
    (each) => each.channel === MARKET && each.user === state.slack.bot && (!each.to || each.to === state.me),
  );
}

/**
 * Wait for an answer of the bot that was not there before.
 * @param {() => unknown} work
 */
async function answered(work) {
  const before = new Set(answers().map((each) => each.ts));
  await work();
  return until("slack", () => answers().find((each) => !before.has(each.ts)));
}

function toMarket() {
  showPane("slack");
  goTo(MARKET);
}

/** The question whose answer is a number; throws where no KPI has one. */
async function firstQuestion() {
  await refresh("words");
  const first = state.words?.[languageOf(me())].first;
  if (!first) throw new Error(word("no_number"));
  return first;
}

async function ask() {
  toMarket();
  const { words } = await firstQuestion();
  await answered(() => write(channelNow(), `/kpi ${words}`));
  return { who: me().real_name, words };
}

/** The first button that asks, of the newest answer that has one. */
async function split() {
  /**
   * @param {Slack.Message} message
   * @returns {Slack.Element | undefined}
   */
  const asks = (message) =>
    (message.blocks ?? [])
      .flatMap((block) => block.elements ?? [])
      .find((item) => item.action_id?.startsWith("kpi_ask"));
  if (!answers().some(asks)) await ask();
  toMarket();
  const message = answers().findLast(asks);
  const button = message && asks(message);
  if (!message || !button) throw new Error(word("no_data"));
  await answered(() =>
    send("slack/press", {
      user: state.me,
      channel: MARKET,
      ts: message.ts,
      action_id: button.action_id,
      value: button.value,
    }),
  );
  return {};
}

async function read() {
  showPane("sheet");
  const done = await syncNow();
  if (!done) return null;
  const tab = state.sheet.tabs.find((each) => each.cells.length && !each.hidden);
  if (tab) openTab(tab.id);
  return done;
}

/**
 * The goals stand on the tab whose open columns the bot fills beside.
 * @returns {Promise<Places | null>}
 */
async function edit() {
  showPane("sheet");
  const goals = state.sheet.tabs.find((each) => each.block === "goals");
  if (!goals) throw new Error(word("no_goals"));
  const row = goals.frozenRows;
  const target = goals.cells.find((each) => each.r === row && each.c === TARGET);
  const value =
    target?.k === "number"
      ? String(Number((Number.parseFloat(target.e ?? (target.t ?? "").replace(/[^0-9.-]/g, "")) * 1.1).toPrecision(3)))
      : "100";
  openTab(goals.id, [row, TARGET]);
  if (!goals.cells.some((each) => each.r === row && each.c === KPI && each.t)) await nameGoal(goals, row);
  const typed = await typeInto(goals, row, TARGET, value + (/%/.test(target?.e ?? "") ? "%" : ""));
  if (!typed || !(await syncNow())) return null;
  const after = state.sheet.tabs.find((each) => each.id === goals.id)?.cells ?? [];
  const isJudged = after.some((each) => each.r === row && each.c === ACTUAL && each.k === "number");
  return isJudged ? { value } : { value, told: "unjudged" };
}

/**
 * Write a goal's KPI and its day into a row that nobody has used.
 * @param {Sheet.Tab} goals
 * @param {number} row
 */
async function nameGoal(goals, row) {
  const { kpi } = await firstQuestion();
  await typeInto(goals, row, KPI, kpi);
  await typeInto(goals, row, BY, `${state.strip.now.slice(0, 4)}-12-31`);
}

/**
 * A summary of days after a team's own data is delivered, and has no number in it.
 * @returns {Promise<Places>}
 */
async function monday() {
  toMarket();
  const due = state.strip.upcoming.find((each) => each.name.startsWith("summary:"));
  await answered(() => forward("summary"));
  const { data_through: through, is_demo: isDemo } = state.strip;
  const reaches = isDemo || (through && due && through >= dayBefore(due.at, 7));
  return reaches ? {} : { told: "stale", day: through ?? "–" };
}

/**
 * @param {string} moment
 * @param {number} days
 */
function dayBefore(moment, days) {
  return new Date(Date.parse(moment.slice(0, 10)) - days * 86_400_000).toISOString().slice(0, 10);
}
