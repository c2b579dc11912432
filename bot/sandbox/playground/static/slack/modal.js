// The modal that is open before the person one is looking through.

import { send } from "../api.js";
import { el, fill, icon } from "../dom.js";
import { state } from "../state.js";
import { attempt } from "../told.js";
import { word } from "../words.js";
import { blocks } from "./blocks.js";

/** @type {HTMLDialogElement | null} */
let dialog = null;
let shown = "";
/** By view: what its inputs hold. @type {Map<string, Slack.Values>} */
const entered = new Map();

export function drawModal() {
  const view = state.slack.views[state.me]?.at(-1);
  const key = view ? `${state.me} ${view.id} ${view.hash}` : "";
  if (key === shown) return;
  shown = key;
  if (!view) {
    dialog?.close();
    return;
  }
  if (!dialog) {
    dialog = el("dialog", {
      class: "modal",
      oncancel: (event) => {
        event.preventDefault();
        leave();
      },
    });
    document.body.append(dialog);
  }
  fill(dialog, form(view));
  dialog.setAttribute("aria-label", view.title.text);
  if (!dialog.open) dialog.showModal();
}

function top() {
  return state.slack.views[state.me]?.at(-1);
}

function leave() {
  const view = top();
  if (view) attempt(() => send("slack/close", { user: state.me, view_id: view.id }));
}

/** @param {Slack.View} view */
function form(view) {
  const values = entered.get(view.id) ?? {};
  entered.set(view.id, values);
  /** @type {Slack.Act} */
  const act = async (item, _id, value) => {
    await attempt(() =>
      send("slack/press_in_view", {
        user: state.me,
        view_id: view.id,
        action_id: item.action_id,
        value: value ?? null,
        values,
      }),
    );
  };
  act.values = values;
  /** @param {SubmitEvent} event */
  const submit = async (event) => {
    event.preventDefault();
    await attempt(async () => {
      const { ack } = await send("slack/submit", { user: state.me, view_id: view.id, values });
      const wrong = ack.body?.response_action === "errors" ? ack.body.errors : {};
      for (const each of made.querySelectorAll(".input")) {
        const place = each.querySelector(".wrong");
        if (place && each instanceof HTMLElement) place.textContent = wrong[each.dataset.block ?? ""] ?? "";
      }
    });
  };
  const made = el(
    "form",
    { onsubmit: submit },
    el(
      "header",
      {},
      el("h2", { text: view.title.text }),
      el(
        "button",
        { type: "button", class: "icon-button", "aria-label": word("cancel"), onclick: leave },
        icon("close"),
      ),
    ),
    el("div", { class: "inside" }, blocks(view.blocks, act)),
    el(
      "footer",
      {},
      el("button", { type: "button", class: "quiet-button", onclick: leave, text: view.close?.text ?? word("cancel") }),
      view.submit ? el("button", { class: "main-button", text: view.submit.text }) : null,
    ),
  );
  return made;
}
