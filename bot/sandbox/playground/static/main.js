// Puts the page together and keeps it live.

import { listen } from "./api.js";
import { byId, el, fill, focusOn, icon } from "./dom.js";
import { startGuide } from "./guide.js";
import { startSheet } from "./sheet/pane.js";
import { startFiles } from "./slack/files.js";
import { startSlack } from "./slack/pane.js";
import { languageOf, me, on, refresh, state, tell } from "./state.js";
import { startStrip } from "./strip.js";
import { say } from "./told.js";
import { word } from "./words.js";

const panes = byId("panes");
const top = byId("top");

/** @type {Read[]} */
const SUBJECTS = ["slack", "sheet", "strip", "wire"];

/** What a browser remembers of the last visit; one that forbids it forgets. */
const remembered = {
  /** @param {string} key */
  get: (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  },
  /**
   * @param {string} key
   * @param {string} value
   */
  set: (key, value) => {
    try {
      localStorage.setItem(key, value);
    } catch {
      /* forgotten */
    }
  },
};

/** @param {string} name */
function showPane(name) {
  panes.dataset.pane = name;
  drawTop();
}

/** @param {string} id */
function lookAs(id) {
  state.me = id;
  document.documentElement.lang = languageOf(me());
  remembered.set("person", id);
  tell("me");
  drawTop();
}

function turnTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  remembered.set("theme", root.dataset.theme);
  drawTop();
}

function drawTop() {
  const people = state.slack.users.filter((user) => !user.is_bot);
  /** @param {Slack.User} user */
  const role = (user) => [user.locale, user.is_admin ? "admin" : "", ...user.groups].filter(Boolean).join(", ");
  /** @param {Slack.User} user */
  const person = (user) =>
    el(
      "button",
      {
        type: "button",
        "aria-pressed": String(user.id === state.me),
        title: role(user),
        data: { person: user.name, keep: user.name },
        onclick: () => lookAs(user.id),
      },
      user.real_name.split(" ")[0],
    );
  /** @param {string} name */
  const pane = (name) =>
    el("button", {
      type: "button",
      "aria-pressed": String(panes.dataset.pane === name),
      data: { keep: name },
      onclick: () => showPane(name),
      text: word(name),
    });
  const dark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  document.title = `${state.strip?.company ?? ""} · ${word("title")}`;
  fill(
    top,
    el("h1", {}, el("img", { src: "/static/icon.svg", alt: "" }), el("span", { text: word("title") })),
    el("span", { class: "company", text: state.strip ? `${state.strip.company} · ${word("local")}` : "" }),
    el("div", { class: "switch", id: "which" }, pane("slack"), pane("sheet")),
    el("span", { class: "space" }),
    el("div", { class: "switch", role: "group", "aria-label": word("as") }, people.map(person)),
    el(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": word("theme"),
        title: word("theme"),
        data: { keep: "theme" },
        onclick: turnTheme,
      },
      icon(dark ? "sun" : "moon"),
    ),
  );
}

/** Who looks at first: the last time's person, else one who speaks the workspace's language. */
function firstPerson() {
  const people = state.slack.users.filter((user) => !user.is_bot);
  return (
    people.find((user) => user.id === remembered.get("person")) ??
    people.find((user) => languageOf(user) === state.strip.locale) ??
    people[0]
  ).id;
}

async function start() {
  const theme = remembered.get("theme");
  if (theme) document.documentElement.dataset.theme = theme;
  const wants = [refresh("slack"), refresh("strip")];
  const sheet = refresh("sheet");
  await Promise.all(wants);
  state.me = firstPerson();
  document.documentElement.lang = languageOf(me());
  startSlack(byId("slack"));
  startFiles(showPane);
  startStrip(byId("strip"));
  startGuide(byId("guide"), showPane);
  tell("me");
  tell("strip");
  drawTop();
  await sheet;
  startSheet(byId("sheet"));
  tell("sheet");
  refresh("words");
  refresh("wire");
  let wasLost = false;
  listen(
    (subjects) => subjects.forEach(refresh),
    (lost) => {
      if (lost) say(word("lost"), 0);
      else if (wasLost) {
        say("");
        for (const subject of SUBJECTS) refresh(subject);
      }
      wasLost = lost;
    },
  );
  on("show-sheet", () => {
    showPane("sheet");
    focusOn(document.querySelector('#sheet td[tabindex="0"]'));
  });
  on("strip", () => {
    if (!top.querySelector(".company")?.textContent) drawTop();
  });
  document.body.dataset.ready = "true";
}

start().catch((error) => say(error.message, 0));
