"""A card as text that a reviewer can read."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from golden import matches_golden

if TYPE_CHECKING:
    from bot.cards.card import Card

LOOKS = "KPI_CARD_LOOKS"
"""A folder into which each card is written, for `card_looks.py`."""


def matches_card(name: str, card: Card) -> None:
    """Fail unless the card reads as the golden file of `name`, such as `cac.ko`."""
    write_look(name, card)
    matches_golden(f"cards/{name}.txt", drawn(card))


def write_look(name: str, card: Card) -> None:
    """Write the card for whoever looks at it in a browser, where somebody does."""
    if folder := os.environ.get(LOOKS):
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{name}.json").write_text(json.dumps({"text": card.text, "blocks": card.blocks}), "utf-8")


def drawn(card: Card) -> str:
    """The notification, then block by block."""
    lines = ["text:", *(f"  {line}" for line in card.text.split("\n"))]
    for block in card.blocks:
        lines += [f"{block['type']}:", *(f"  {line}" for line in _lines(block))]
    return "\n".join(lines) + "\n"


def _element(element: dict[str, Any]) -> list[str]:
    if "options" not in element:
        label = element.get("text") or element["placeholder"]
        return [f"[{label['text']}] {element['action_id']}: {element.get('value', '')}"]
    options = [f"  {option['text']['text']}: {option['value']}" for option in element["options"]]
    return [f"[⋯] {element['action_id']}", *options]


def _lines(block: dict[str, Any]) -> list[str]:
    match block["type"]:
        case "actions":
            return [line for each in block["elements"] for line in _element(each)]
        case "container":
            inside = [f"  {line}" for child in block["child_blocks"] for line in _lines(child)]
            return [f"▸ {block['title']['text']}", *inside]
        case "context":
            return [line for each in block["elements"] for line in each["text"].split("\n")]
        case "data_table":
            return [f"({block['caption']})", *(" | ".join(cell["text"] for cell in row) for row in block["rows"])]
        case "data_visualization":
            series = block["chart"]["series"]
            points = [f"{each['name']}: " + " ".join(str(point["value"]) for point in each["data"]) for each in series]
            return [block["title"], json.dumps(block["chart"]["axis_config"], ensure_ascii=False), *points]
        case _:
            return list(block["text"]["text"].split("\n"))
