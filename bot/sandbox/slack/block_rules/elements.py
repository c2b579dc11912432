"""The interactive elements and pictures inside blocks, with their limits."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from bot.sandbox.slack.block_rules.checks import Json, entries, keys, problem, size, string, text

PLAIN = ("plain_text",)
SELECTS = frozenset(
    f"{many}{kind}_select"
    for many in ("", "multi_")
    for kind in ("static", "external", "users", "conversations", "channels")
)
CHOICES = frozenset({"checkboxes", "radio_buttons"})
PICKERS = frozenset({"datepicker", "timepicker", "datetimepicker"}) | CHOICES
INPUTS = frozenset(
    {"plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input", "file_input"}
)
ACTIONS = SELECTS | PICKERS | {"button", "overflow", "workflow_button", "rich_text_input"}
STYLES = ("primary", "danger")


def elements(block: Json, at: str, *, most: int, kinds: Collection[str]) -> Iterator[str]:
    """The `elements` of a block: their number, each one, and no action_id twice."""
    yield from size(block, "elements", at, most=most)
    seen: set[str] = set()
    for item, here in entries(block, "elements", at):
        yield from element(item, here, kinds)
        action_id = item.get("action_id") if isinstance(item, dict) else None
        # Another block may use the same one: a press names its block, too.
        if action_id in seen:
            yield problem(f"{here}/action_id", f"`action_id` already exists for another element: {action_id}")
        if isinstance(action_id, str):
            seen.add(action_id)


def element(item: object, at: str, kinds: Collection[str]) -> Iterator[str]:
    """One element, which must be of one of `kinds`."""
    kind = item.get("type") if isinstance(item, dict) else None
    if not isinstance(item, dict) or kind not in kinds:
        yield problem(f"{at}/type", f"unsupported type: {kind}")
        return
    yield from string(item, "action_id", at, most=255)
    if kind == "button":
        yield from _button(item, at)
    elif kind == "image":
        yield from picture(item, at)
    elif kind == "overflow":
        yield from _options(item, at, most=5)
    elif kind in CHOICES:
        yield from _options(item, at, most=10)
    elif kind in {"static_select", "multi_static_select"}:
        yield from _select(item, at)
    yield from text(item, "placeholder", at, most=150, kinds=PLAIN)


def picture(block: Json, at: str) -> Iterator[str]:
    """An image, as a block or as an element: a text for those who cannot see it, and one address."""
    yield from keys(block, at, "image_url", "slack_file", "alt_text", "title")
    yield from string(block, "alt_text", at, most=2000, required=True)
    yield from string(block, "image_url", at, most=3000)
    if ("image_url" in block) == ("slack_file" in block):
        yield problem(at, "must define exactly one of `image_url` or `slack_file`")


def _button(item: Json, at: str) -> Iterator[str]:
    yield from keys(item, at, "text", "value", "url", "style", "confirm", "accessibility_label")
    yield from text(item, "text", at, most=75, kinds=PLAIN, required=True)
    yield from string(item, "value", at, most=2000)
    yield from string(item, "url", at, most=3000)
    yield from string(item, "accessibility_label", at, most=75)
    if "style" in item and item["style"] not in STYLES:
        yield problem(f"{at}/style", "must be one of: primary, danger")


def _select(item: Json, at: str) -> Iterator[str]:
    if "option_groups" not in item:
        yield from _options(item, at, most=100)
        return
    yield from size(item, "option_groups", at, most=100)
    for group, here in entries(item, "option_groups", at):
        if isinstance(group, dict):
            yield from text(group, "label", here, most=75, kinds=PLAIN, required=True)
            yield from _options(group, here, most=100)


def _options(item: Json, at: str, *, most: int) -> Iterator[str]:
    yield from size(item, "options", at, most=most)
    for option, here in entries(item, "options", at):
        yield from _option(option, here)


def _option(option: Any, at: str) -> Iterator[str]:
    if not isinstance(option, dict):
        yield problem(at, "must be an object")
        return
    yield from keys(option, at, "text", "value", "description", "url")
    yield from text(option, "text", at, most=75, required=True)
    yield from string(option, "value", at, most=150, required=True)
    yield from text(option, "description", at, most=75)
