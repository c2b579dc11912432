"""A modal within Slack's limits, and the fields that people fill in. Words from data are plain text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.cards import blocks
from bot.cards.card import Block
from kpi_core.phrases import say

View = dict[str, Any]
TITLE, LABEL, INPUT, OPTION, OPTION_VALUE = 24, 2000, 3000, 75, 150
MOST_METADATA = 3000
FIELD = "field"
"""The action_id of every field; its block_id says which one it is."""


def modal(  # noqa: PLR0913 - the parts of Slack's modal
    title: str, body: Sequence[Block], language: str, *, form: str = "", submit: str = "", about: str = ""
) -> View:
    """A modal; `form` names what a submission is for, `about` travels with it. Without `submit` nothing is sent."""
    view: View = {
        "type": "modal",
        "title": blocks.plain(title, TITLE),
        "close": blocks.plain(say(language, "form.close"), TITLE),
        "blocks": list(body),
    }
    if submit:
        view |= {"submit": blocks.plain(submit, TITLE), "callback_id": form, "private_metadata": about[:MOST_METADATA]}
    return view


def waiting_view(language: str) -> View:
    """What stands there until the form is ready: it has to open within 3 seconds."""
    return modal("KPI Bot", [blocks.section(say(language, "form.waiting"))], language)


def words_view(title: str, lines: Iterable[str], language: str) -> View:
    """A modal that only says something."""
    return modal(title, [blocks.section(line) for line in lines if line], language)


def text_field(  # noqa: PLR0913 - what Slack shows of a field
    name: str,
    label: str,
    typed: str = "",
    *,
    hint: str = "",
    optional: bool = False,
    long: bool = False,
    most: int = INPUT,
) -> Block:
    element: Block = {"type": "plain_text_input", "action_id": FIELD, "multiline": long, "max_length": most}
    if typed:
        element["initial_value"] = typed[:most]
    return _field(name, label, element, hint=hint, optional=optional)


def person_field(name: str, label: str, member: str = "") -> Block:
    """A member of the workspace; it may stay empty."""
    element: Block = {"type": "users_select", "action_id": FIELD}
    if blocks.is_user_id(member):
        element["initial_user"] = member
    return _field(name, label, element, optional=True)


def channel_field(  # noqa: PLR0913 - as text_field
    name: str, label: str, channel: str = "", *, hint: str = "", optional: bool = True, open_one: bool = False
) -> Block:
    """A public or private channel; with `open_one` the one that the person has open stands there."""
    only: dict[str, object] = {"include": ["public", "private"], "exclude_bot_users": True}
    element: Block = {"type": "conversations_select", "action_id": FIELD, "filter": only}
    if channel.startswith(("C", "G")):
        element["initial_conversation"] = channel
    if open_one:
        element["default_to_current_conversation"] = True
    return _field(name, label, element, hint=hint, optional=optional)


def choice_field(  # noqa: PLR0913 - as text_field
    name: str, label: str, choices: Mapping[str, str], chosen: str = "", *, hint: str = "", optional: bool = False
) -> Block:
    """One of `choices`, value -> words."""
    options = [{"text": blocks.plain(words, OPTION), "value": value[:OPTION_VALUE]} for value, words in choices.items()]
    element: Block = {"type": "static_select", "action_id": FIELD, "options": options}
    first = next((option for option in options if chosen and option["value"] == chosen), None)
    if first is not None:
        element["initial_option"] = first
    return _field(name, label, element, hint=hint, optional=optional)


def _field(name: str, label: str, element: Block, *, hint: str = "", optional: bool = False) -> Block:
    block: Block = {
        "type": "input",
        "block_id": name,
        "label": blocks.plain(label, LABEL),
        "element": element,
        "optional": optional,
    }
    return block | {"hint": blocks.plain(hint, LABEL)} if hint else block


def values_of(view: Mapping[str, Any]) -> dict[str, str]:
    """Field -> what stands in it, of a submitted view; empty where nothing does."""
    fields = _mapping(_mapping(view.get("state")).get("values"))
    return {str(name): _value(_mapping(_mapping(of).get(FIELD))) for name, of in fields.items()}


def _value(element: Mapping[str, Any]) -> str:
    chosen = _mapping(element.get("selected_option")).get("value")
    picked = element.get("selected_user") or element.get("selected_conversation")
    return str(chosen or picked or element.get("value") or "").strip()


def _mapping(node: Any) -> Mapping[str, Any]:
    """What Slack sends as an object; nothing in place of anything else."""
    return node if isinstance(node, Mapping) else {}
