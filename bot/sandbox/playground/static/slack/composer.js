// Where one writes: messages, and /kpi with its words completed from the workspace's own vocabulary.

import { send } from "../api.js";
import { el, fill, icon } from "../dom.js";
import { on, state } from "../state.js";
import { attempt, say } from "../told.js";
import { language, word } from "../words.js";
import { fileButton } from "./files.js";
import { nameOf } from "./places.js";

const COMMAND = "/kpi";
const MOST = 7;
/** By person, channel and thread. @type {Map<string, string>} */
const drafts = new Map();

// Who typed before the words were there is helped as soon as they are.
on("words", () => {
  const box = document.activeElement;
  if (box?.matches(".composer textarea")) box.dispatchEvent(new Event("input"));
});

/**
 * Send what was typed, as a command or as a message.
 * @param {Slack.Channel} channel
 * @param {string} text
 */
export async function write(channel, text, thread = "") {
  if (text.startsWith(`${COMMAND} `) || text === COMMAND) {
    const { ack } = await send("slack/command", {
      user: state.me,
      channel: channel.id,
      command: COMMAND,
      text: text.slice(COMMAND.length).trim(),
    });
    if (!ack.acked) say(word("no_answer"));
    return;
  }
  const named = text.replace(/@(KPI Bot|kpi)\b/gi, `<@${state.slack.bot}>`);
  await send("slack/say", { user: state.me, channel: channel.id, text: named, thread_ts: thread });
}

/**
 * @param {Slack.Channel} channel
 * @param {string} thread
 */
export function composer(channel, thread) {
  const key = `${state.me} ${channel.id} ${thread}`;
  const list = el("ul", {
    class: "suggestions",
    role: "listbox",
    id: "suggestions",
    "aria-label": word("suggestions"),
    hidden: true,
  });
  const box = el("textarea", {
    rows: 1,
    "aria-controls": "suggestions",
    "aria-autocomplete": "list",
    placeholder: word("write", { place: nameOf(channel) }),
    "aria-label": word("write", { place: nameOf(channel) }),
  });
  box.value = drafts.get(key) ?? "";
  /** @type {{ options: Suggestion[], at: number }} */
  const view = { options: [], at: 0 };
  const show = () => {
    drafts.set(key, box.value);
    view.options = suggestions(box.value).slice(0, MOST);
    view.at = 0;
    drawList();
  };
  const drawList = () => {
    list.hidden = !view.options.length;
    fill(
      list,
      view.options.map((option, index) =>
        el(
          "li",
          {
            role: "option",
            id: `suggestion-${index}`,
            "aria-selected": String(index === view.at),
            onpointerdown: (event) => {
              event.preventDefault();
              take(index);
            },
          },
          el("b", { text: option.word }),
          el("span", { text: option.about }),
        ),
      ),
    );
    if (list.hidden) box.removeAttribute("aria-activedescendant");
    else box.setAttribute("aria-activedescendant", `suggestion-${view.at}`);
  };
  /** @param {number} index */
  const take = (index) => {
    box.value = view.options[index].whole;
    box.focus();
    show();
  };
  const submit = async () => {
    const text = box.value.trim();
    if (!text) return;
    box.value = "";
    show();
    if (!(await attempt(() => write(channel, text, thread)))) box.value = text;
  };
  box.addEventListener("input", show);
  box.addEventListener("blur", () => {
    view.options = [];
    drawList();
  });
  box.addEventListener("keydown", (event) => {
    const open = view.options.length > 0;
    if (event.isComposing) return;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      view.at = (view.at + (event.key === "ArrowDown" ? 1 : -1) + view.options.length) % view.options.length;
      drawList();
    } else if (open && event.key === "Tab") take(view.at);
    else if (open && event.key === "Escape") {
      view.options = [];
      drawList();
    } else if (event.key === "Enter" && !event.shiftKey) {
      if (open && view.options[view.at].needed) take(view.at);
      else submit();
    } else return;
    event.preventDefault();
  });
  return el(
    "form",
    {
      class: "composer",
      onsubmit: (event) => {
        event.preventDefault();
        submit();
      },
    },
    list,
    channel.kind === "im" ? fileButton() : null,
    box,
    el("button", { class: "icon-button", "aria-label": word("send") }, icon("send")),
  );
}

/**
 * How the text may go on: [{word, about, whole, needed}]; `needed` ones are taken by Enter.
 * @param {string} text
 * @returns {Suggestion[]}
 */
function suggestions(text) {
  if (/(^|\s)@\w*$/.test(text))
    return [{ word: "@KPI Bot", about: word("ask"), whole: text.replace(/@\w*$/, "@KPI Bot "), needed: true }];
  if (!text.startsWith("/") || !state.words) return [];
  if (!text.startsWith(`${COMMAND} `))
    return COMMAND.startsWith(text) ? [{ word: COMMAND, about: word("ask"), whole: `${COMMAND} `, needed: true }] : [];
  const rest = text.slice(COMMAND.length + 1);
  const { kpis, periods, dimensions } = state.words[language()];
  const known = kpis.find((each) =>
    [each.id, each.name].some((name) => rest.toLowerCase().startsWith(`${name.toLowerCase()} `)),
  );
  if (!known) return kpisLike(kpis, rest);
  return goingOn(text, [
    ...periods.map((each) => ({ word: each, about: word("period") })),
    ...dimensions.map((each) => ({ word: `by ${each.id}`, about: each.name })),
  ]);
}

/**
 * @param {Completion["kpis"]} kpis
 * @param {string} rest
 */
function kpisLike(kpis, rest) {
  const wanted = rest.toLowerCase();
  /** @param {Completion["kpis"][number]} each */
  const rank = (each) =>
    (each.id.startsWith(wanted)
      ? 0
      : each.name.toLowerCase().startsWith(wanted)
        ? 1
        : each.id.includes(wanted) || each.name.toLowerCase().includes(wanted)
          ? 2
          : 9) + (each.ready ? 0 : 3);
  return kpis
    .filter((each) => rank(each) < 9)
    .sort((one, two) => rank(one) - rank(two))
    .map((each) => ({
      word: each.id,
      about: each.ready ? each.name : `${each.name} · ${word("no_data")}`,
      whole: `${COMMAND} ${each.id} `,
      needed: each.id !== wanted && Boolean(wanted),
    }));
}

/**
 * Words whose beginning is what was typed last, or all after a space.
 * @param {string} text
 * @param {{ word: string, about: string }[]} words
 * @returns {Suggestion[]}
 */
function goingOn(text, words) {
  const found = [];
  for (const each of words) {
    for (let length = Math.min(each.word.length - 1, text.length); length >= 0; length -= 1) {
      const tail = text.slice(text.length - length).toLowerCase();
      const before = text.slice(0, text.length - length);
      if (each.word.toLowerCase().startsWith(tail) && before.endsWith(" ")) {
        if (!text.toLowerCase().includes(`${each.word.toLowerCase()} `))
          found.push({ ...each, whole: `${before}${each.word} `, needed: length > 0 });
        break;
      }
    }
  }
  return found;
}
