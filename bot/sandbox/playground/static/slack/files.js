// Files for the bot: dropped anywhere on the page, or chosen; each goes as the person's direct message.

import { send } from "../api.js";
import { el, icon } from "../dom.js";
import { state } from "../state.js";
import { attempt, say } from "../told.js";
import { word } from "../words.js";
import { goTo } from "./places.js";

/** Of one message, as in Slack. */
const MOST_FILES = 10;
/** Bytes, as the bot takes them. */
const LARGEST = 50 * 2 ** 20;

/** @type {(pane: string) => void} */
let showPane = () => {};

/** @param {(pane: string) => void} show */
export function startFiles(show) {
  showPane = show;
  const cover = el("div", { class: "drop", hidden: true, text: "" });
  document.body.append(cover);
  let depth = 0;
  /** @param {boolean} isOver */
  const over = (isOver) => {
    depth = isOver ? depth : 0;
    cover.textContent = word("drop");
    cover.hidden = !isOver;
  };
  addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return;
    depth += 1;
    over(true);
  });
  addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    if (!depth) over(false);
  });
  addEventListener("dragover", (event) => {
    if (carriesFiles(event)) event.preventDefault();
  });
  addEventListener("drop", async (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    over(false);
    // The list is empty as soon as the event is over: what lies in it is taken first.
    const items = [...(event.dataTransfer?.items ?? [])].filter((item) => item.kind === "file");
    const entries = items.map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
    await sendFiles((await Promise.all(entries.map(filesOf))).flat());
  });
}

/** @param {DragEvent} event */
function carriesFiles(event) {
  return event.dataTransfer?.types.includes("Files") ?? false;
}

/**
 * The files of what was dropped: of a folder those right in it, hidden ones not.
 * @param {FileSystemEntry | File | null} entry
 * @returns {Promise<File[]>}
 */
async function filesOf(entry) {
  if (!entry) return [];
  if (entry instanceof File) return [entry];
  if (entry.isFile) return [await fileOf(/** @type {FileSystemFileEntry} */ (entry))];
  const inside = await allIn(/** @type {FileSystemDirectoryEntry} */ (entry).createReader());
  const files = inside.filter((each) => each.isFile && !each.name.startsWith("."));
  return Promise.all(files.map((each) => fileOf(/** @type {FileSystemFileEntry} */ (each))));
}

/**
 * @param {FileSystemFileEntry} entry
 * @returns {Promise<File>}
 */
function fileOf(entry) {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/**
 * A reader gives some of a folder at a time, and nothing at its end.
 * @param {FileSystemDirectoryReader} reader
 * @returns {Promise<FileSystemEntry[]>}
 */
async function allIn(reader) {
  /** @type {FileSystemEntry[]} */
  const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
  return some.length ? [...some, ...(await allIn(reader))] : [];
}

/**
 * Send files to the bot as the person one is looking through.
 * @param {File[]} files
 */
export async function sendFiles(files) {
  const large = files.find((file) => file.size > LARGEST);
  if (large) {
    say(word("too_large", { file: large.name }), 10);
    return;
  }
  showPane("slack");
  goTo("dm");
  await attempt(async () => {
    for (let start = 0; start < files.length; start += MOST_FILES) {
      const some = await Promise.all(files.slice(start, start + MOST_FILES).map(carried));
      await send("slack/upload", { user: state.me, channel: "dm", files: some });
    }
  });
}

/**
 * A file as JSON carries it.
 * @param {File} file
 * @returns {Promise<{ name: string, content: string }>}
 */
function carried(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve({ name: file.name, content: String(reader.result).split(",")[1] ?? "" });
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

/** A button that lets the person choose files. */
export function fileButton() {
  const input = el("input", { type: "file", multiple: true, hidden: true, data: { part: "files" } });
  input.addEventListener("change", () => sendFiles([...(input.files ?? [])]));
  const button = el(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-label": word("attach"),
      title: word("attach"),
      onclick: () => input.click(),
    },
    icon("clip"),
  );
  return [input, button];
}
