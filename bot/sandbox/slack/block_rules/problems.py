"""Which blocks Slack accepts, with its limits and its way of saying what is wrong.

`problems(blocks)` gives lines such as `[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]`;
an empty list means the blocks would be shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Literal

from bot.sandbox.slack.block_rules.checks import Json, entries, keys, missing, problem, size, string, text, text_object
from bot.sandbox.slack.block_rules.elements import ACTIONS, INPUTS, PICKERS, SELECTS, element, elements, picture
from bot.sandbox.slack.block_rules.grids import chart, data_table, table

Surface = Literal["message", "modal", "home"]

MOST_BLOCKS: Mapping[str, int] = {"message": 50, "modal": 100, "home": 100}
MOST_MARKDOWN = 12_000
MOST_CHARTS = 2
PLAIN = ("plain_text",)
IN_CONTAINER = frozenset(
    {"actions", "context", "divider", "file", "header", "image", "input", "rich_text", "section", "table", "video"}
)
RICH_PARTS = frozenset({"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"})


def problems(blocks: object, surface: Surface = "message", unsupported: Collection[str] = frozenset()) -> list[str]:
    """What is wrong with `blocks`; types in `unsupported` are refused, as in a workspace that has them not yet."""
    if not isinstance(blocks, list):
        return [problem("/blocks", "must be an array")]
    most = MOST_BLOCKS[surface]
    lines = [problem("/blocks", f"no more than {most} items allowed")] if len(blocks) > most else []
    for index, block in enumerate(blocks):
        lines += _block(block, f"/blocks/{index}", unsupported)
    return lines + list(_together([block for block in blocks if isinstance(block, dict)]))


def _block(block: object, at: str, unsupported: Collection[str]) -> Iterator[str]:
    if not isinstance(block, dict):
        yield problem(at, "must be an object")
        return
    kind = block.get("type")
    check = BLOCKS.get(kind) if isinstance(kind, str) else None
    if check is None or kind in unsupported:
        yield problem(f"{at}/type", f"unsupported type: {kind}")
        return
    yield from string(block, "block_id", at, most=255)
    yield from check(block, at)
    if kind == "container":
        for child, here in entries(block, "child_blocks", at):
            yield from _child(child, here, unsupported)


def _child(child: object, at: str, unsupported: Collection[str]) -> Iterator[str]:
    kind = child.get("type") if isinstance(child, dict) else None
    # A block that Slack knows but not in here; `_block` says the same of one that it does not know at all.
    if isinstance(kind, str) and kind in BLOCKS and kind not in IN_CONTAINER:
        yield problem(f"{at}/type", f"unsupported type: {kind}")
    else:
        yield from _block(child, at, unsupported)


def _together(blocks: list[Json]) -> Iterator[str]:
    """The limits of a message as a whole."""
    names = Counter(block["block_id"] for block in blocks if isinstance(block.get("block_id"), str))
    for name, times in names.items():
        if times > 1:
            yield problem("/blocks", f"`block_id` already exists for another block: {name}")
    kinds = Counter(str(block.get("type")) for block in blocks)
    if kinds["table"] > 1:
        yield problem("/blocks", "only_one_table_allowed")
    if kinds["data_visualization"] > MOST_CHARTS:
        yield problem("/blocks", f"no more than {MOST_CHARTS} data_visualization blocks allowed")
    # Slack counts the markdown of all blocks together.
    written = sum(len(str(block.get("text", ""))) for block in blocks if block.get("type") == "markdown")
    if written > MOST_MARKDOWN:
        yield problem("/blocks", f"markdown text must be less than {MOST_MARKDOWN + 1} characters in all")


def _header(block: Json, at: str) -> Iterator[str]:
    yield from keys(block, at, "text", "level")
    yield from text(block, "text", at, most=150, kinds=PLAIN, required=True)


def _section(block: Json, at: str) -> Iterator[str]:
    yield from keys(block, at, "text", "fields", "accessory", "expand")
    if "text" not in block and "fields" not in block:
        yield problem(at, "must define either `text` or `fields`")
    yield from text(block, "text", at, most=3000)
    yield from size(block, "fields", at, most=10, required=False)
    for field, here in entries(block, "fields", at):
        yield from text_object(field, here, most=2000)
    if "accessory" in block:
        yield from element(block["accessory"], f"{at}/accessory", ACTIONS | {"image"})


def _context(block: Json, at: str) -> Iterator[str]:
    yield from keys(block, at, "elements")
    yield from size(block, "elements", at, most=10)
    for item, here in entries(block, "elements", at):
        if isinstance(item, dict) and item.get("type") == "image":
            yield from picture(item, here)
        else:
            yield from text_object(item, here, most=3000)


def _actions(block: Json, at: str) -> Iterator[str]:
    yield from keys(block, at, "elements")
    yield from elements(block, at, most=25, kinds=ACTIONS)


def _context_actions(block: Json, at: str) -> Iterator[str]:
    yield from keys(block, at, "elements")
    yield from elements(block, at, most=5, kinds={"feedback_buttons", "icon_button"})


def _divider(block: Json, at: str) -> Iterator[str]:
    yield from keys(block, at)


def _image(block: Json, at: str) -> Iterator[str]:
    yield from text(block, "title", at, most=2000, kinds=PLAIN)
    yield from picture(block, at)


def _markdown(block: Json, at: str) -> Iterator[str]:
    yield from keys(block, at, "text")
    yield from string(block, "text", at, most=MOST_MARKDOWN, required=True)


def _rich_text(block: Json, at: str) -> Iterator[str]:
    yield from keys(block, at, "elements")
    yield from size(block, "elements", at, most=1000)
    for item, here in entries(block, "elements", at):
        if not isinstance(item, dict) or item.get("type") not in RICH_PARTS:
            yield problem(here, f"failed to match all allowed schemas: must be {' or '.join(sorted(RICH_PARTS))}")
        elif not isinstance(item.get("elements"), list):
            yield missing(here, "elements")


def _input(block: Json, at: str) -> Iterator[str]:
    yield from keys(block, at, "label", "element", "hint", "optional", "dispatch_action")
    yield from text(block, "label", at, most=2000, kinds=PLAIN, required=True)
    yield from text(block, "hint", at, most=2000, kinds=PLAIN)
    if "element" in block:
        yield from element(block["element"], f"{at}/element", INPUTS | SELECTS | PICKERS)
    else:
        yield missing(at, "element")


def _container(block: Json, at: str) -> Iterator[str]:
    properties = ("title", "rich_text_title", "subtitle", "child_blocks", "width", "icon")
    yield from keys(block, at, *properties, "is_collapsible", "default_collapsed", "has_header_divider")
    yield from text(block, "title", at, most=150, kinds=PLAIN, required="rich_text_title" not in block)
    yield from text(block, "subtitle", at, most=150)
    yield from size(block, "child_blocks", at, most=10)
    if block.get("default_collapsed") and not block.get("is_collapsible"):
        yield problem(f"{at}/default_collapsed", "requires is_collapsible to be true")


def _anything(block: Json, at: str) -> Iterator[str]:  # noqa: ARG001 - the signature of every check
    """Blocks that the product never sends are let through."""
    yield from ()


BLOCKS: Mapping[str, Callable[[Json, str], Iterator[str]]] = {
    "actions": _actions,
    "container": _container,
    "context": _context,
    "context_actions": _context_actions,
    "data_table": data_table,
    "data_visualization": chart,
    "divider": _divider,
    "file": _anything,
    "header": _header,
    "image": _image,
    "input": _input,
    "markdown": _markdown,
    "rich_text": _rich_text,
    "section": _section,
    "table": table,
    "video": _anything,
}
