// What can be pressed, chosen or filled in. In a message each choice acts at once; in a modal it is kept for submitting.

import { el } from "../dom.js";
import { state } from "../state.js";
import { word } from "../words.js";
import { link, textObject } from "./mrkdwn.js";

const FIELDS = "input, select, textarea";
/** @type {Record<string, string>} */
const INPUTS = {
  plain_text_input: "text",
  email_text_input: "email",
  url_text_input: "url",
  number_input: "number",
  datepicker: "date",
  timepicker: "time",
};
/** @type {Record<string, [initial: string, selected: string]>} */
const PICKS = { datepicker: ["initial_date", "selected_date"], timepicker: ["initial_time", "selected_time"] };

/**
 * An element of a section or of actions.
 * @param {Slack.Element} item
 * @param {string} id
 * @param {Slack.Act} act
 */
export function element(item, id, act) {
  if (item.type === "button" || item.type === "workflow_button") return button(item, id, act);
  if (item.type === "icon_button") return button({ ...item, text: item.text }, id, act);
  if (item.type === "overflow") return chooser({ ...item, placeholder: { text: "⋯" } }, item.options, id, act);
  return field(item, id, act, true);
}

/**
 * The block `input`: a label, its element, a hint.
 * @param {Slack.Input} block
 * @param {string} id
 * @param {Slack.Act} act
 */
export function input(block, id, act) {
  const label = block.label.text + (block.optional ? "" : " *");
  const made = field(block.element, id, act, block.dispatch_action === true);
  const inner = /** @type {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement | null} */ (
    made.matches(FIELDS) ? made : made.querySelector(FIELDS)
  );
  const name = `in-${id}-${block.element.action_id ?? ""}`;
  const hint = block.hint ? el("div", { class: "context", id: `${name}-hint`, text: block.hint.text }) : null;
  const grouped = made.matches("fieldset");
  if (inner && !grouped) {
    inner.id = name;
    if (hint) inner.setAttribute("aria-describedby", hint.id);
    if (!block.optional) inner.required = true;
  }
  if (grouped) made.prepend(el("legend", { text: label }));
  return el(
    "div",
    { class: "input", data: { block: id } },
    grouped ? null : el("label", { for: name, text: label }),
    made,
    hint,
    el("div", { class: "wrong", role: "alert" }),
  );
}

/**
 * @param {Slack.Element} item
 * @param {string} id
 * @param {Slack.Act} act
 */
function button(item, id, act) {
  const style = item.style ? ` ${item.style}` : "";
  if (item.url && !item.action_id)
    return Object.assign(link(item.url, textObject(item.text)), { className: `button${style}` });
  /** @param {MouseEvent & { currentTarget: HTMLElement }} event */
  const press = async (event) => {
    const pressed = event.currentTarget;
    if (item.confirm && !window.confirm([item.confirm.title?.text, item.confirm.text?.text].filter(Boolean).join("\n")))
      return;
    if (item.url) window.open(item.url, "_blank", "noopener");
    pressed.setAttribute("aria-busy", "true");
    await act(item, id, item.value);
    pressed.removeAttribute("aria-busy");
  };
  return el(
    "button",
    {
      type: "button",
      class: `button${style}`,
      "aria-label": item.accessibility_label,
      data: { action: item.action_id ?? "" },
      onclick: press,
    },
    textObject(item.text),
  );
}

/**
 * @param {Slack.Act} act
 * @param {string} id
 * @param {Slack.Element} item
 * @param {Slack.Value} value
 */
function keep(act, id, item, value) {
  if (act.values) (act.values[id] ??= {})[item.action_id] = { type: item.type, ...value };
}

/**
 * @param {Slack.Element} item
 * @param {string} id
 * @param {Slack.Act} act
 * @param {boolean} acts
 * @returns {HTMLElement}
 */
function field(item, id, act, acts) {
  if (INPUTS[item.type]) return typed(item, id, act, acts);
  if (item.type === "external_select" && act.suggest) return searched(item, id, act);
  if (item.type === "checkboxes" || item.type.startsWith("multi_"))
    return ticked(item, optionsOf(item), "checkbox", id, act, acts);
  if (item.type === "radio_buttons") return ticked(item, item.options, "radio", id, act, acts);
  return chooser(item, optionsOf(item), id, act, acts);
}

/**
 * A field whose options the app tells while somebody types.
 * @param {Slack.Element} item
 * @param {string} id
 * @param {Slack.Act} act
 */
function searched(item, id, act) {
  /** @type {Slack.Option[]} */
  let options = [];
  const list = el("datalist", { id: `found-${id}-${item.action_id ?? ""}-${Math.random().toString(36).slice(2)}` });
  const made = el("input", {
    class: "field",
    type: "text",
    list: list.id,
    placeholder: item.placeholder?.text,
    "aria-label": item.placeholder?.text ?? word("choose"),
    data: { action: item.action_id ?? "" },
  });
  const look = async () => {
    options = (await act.suggest?.(item, made.value)) ?? [];
    list.replaceChildren(...options.map((option) => el("option", { value: option.text.text })));
  };
  made.addEventListener("focus", look);
  made.addEventListener("input", look);
  made.addEventListener("change", async () => {
    if (!options.some((option) => option.text.text === made.value)) await look();
    const chosen = options.find((option) => option.text.text === made.value) ?? options[0];
    if (chosen && made.value) await act(item, id, chosen.value);
    made.value = "";
  });
  return el("span", { class: "search" }, made, list);
}

/**
 * The options of a select; people and channels come from the workspace.
 * @param {Slack.Element} item
 */
function optionsOf(item) {
  /**
   * @param {string} text
   * @param {string} value
   */
  const plain = (text, value) => ({ text: { type: "plain_text", text }, value });
  if (item.type.endsWith("users_select"))
    return state.slack.users.filter((user) => !user.is_bot).map((user) => plain(user.real_name, user.id));
  if (/(channels|conversations)_select$/.test(item.type))
    return state.slack.channels
      .filter((each) => each.kind !== "im" && each.members.includes(state.me))
      .map((each) => plain(`#${each.name}`, each.id));
  return item.options ?? (item.option_groups ?? []).flatMap((group) => group.options);
}

/**
 * @param {Slack.Element} item
 * @param {string} id
 * @param {Slack.Act} act
 * @param {boolean} acts
 */
function typed(item, id, act, acts) {
  const [initial, selected] = PICKS[item.type] ?? ["initial_value", "value"];
  const entered = String(act.values?.[id]?.[item.action_id]?.[selected] ?? item[initial] ?? "");
  const made = el(item.multiline ? "textarea" : "input", {
    class: "field",
    type: item.multiline ? null : INPUTS[item.type],
    value: item.multiline ? null : entered,
    placeholder: item.placeholder?.text,
    minlength: item.min_length,
    maxlength: item.max_length,
    min: item.min_value,
    max: item.max_value,
    step: item.is_decimal_allowed ? "any" : null,
    "aria-label": item.placeholder?.text,
  });
  if (item.multiline) made.value = entered;
  const now = () => keep(act, id, item, { [selected]: made.value || null });
  now();
  made.addEventListener("input", now);
  if (acts) made.addEventListener("change", () => act(item, id, made.value));
  return made;
}

/**
 * @param {Slack.Element} item
 * @param {Slack.Option[]} options
 * @param {string} kind
 * @param {string} id
 * @param {Slack.Act} act
 * @param {boolean} acts
 */
function ticked(item, options, kind, id, act, acts) {
  const initial = item.initial_options ?? (item.initial_option ? [item.initial_option] : []);
  const known = act.values?.[id]?.[item.action_id];
  const before = new Set(
    (known ? (known.selected_options ?? [known.selected_option]) : initial).map((each) => each?.value),
  );
  const group = el("fieldset", { class: "choices" });
  const boxes = options.map((option) =>
    el("input", {
      type: kind,
      name: `${id}-${item.action_id}`,
      value: option.value,
      checked: before.has(option.value),
    }),
  );
  group.append(
    ...options.map((option, index) =>
      el(
        "label",
        {},
        boxes[index],
        el(
          "span",
          {},
          textObject(option.text),
          option.description ? el("small", {}, textObject(option.description)) : null,
        ),
      ),
    ),
  );
  const now = () => {
    const chosen = options.filter((_, index) => boxes[index].checked);
    keep(act, id, item, kind === "radio" ? { selected_option: chosen[0] ?? null } : { selected_options: chosen });
    return chosen;
  };
  now();
  group.addEventListener("change", () => {
    const chosen = now();
    if (acts && chosen.length) act(item, id, chosen.at(-1)?.value);
  });
  return group;
}

/**
 * @param {Slack.Element} item
 * @param {Slack.Option[]} options
 * @param {string} id
 * @param {Slack.Act} act
 */
function chooser(item, options, id, act, acts = true) {
  const known =
    act.values?.[id]?.[item.action_id]?.selected_option?.value ??
    item.initial_option?.value ??
    item.initial_user ??
    item.initial_channel ??
    item.initial_conversation ??
    "";
  const made = el(
    "select",
    {
      class: "field",
      "aria-label": item.placeholder?.text === "⋯" ? word("more") : (item.placeholder?.text ?? word("choose")),
      data: { action: item.action_id ?? "" },
    },
    el("option", { value: "", text: item.placeholder?.text ?? word("choose") }),
    options.map((option) =>
      el("option", { value: option.value, text: option.text.text, selected: option.value === known }),
    ),
  );
  const kind = /(users|channels|conversations)_select$/.exec(item.type)?.[1].slice(0, -1);
  const now = () =>
    keep(
      act,
      id,
      item,
      kind
        ? { [`selected_${kind}`]: made.value || null }
        : { selected_option: options.find((each) => each.value === made.value) ?? null },
    );
  now();
  made.addEventListener("change", async () => {
    now();
    if (acts && made.value) {
      await act(item, id, made.value);
      if (item.type === "overflow") made.value = "";
    }
  });
  return made;
}
