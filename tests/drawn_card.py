"""A card as text that a reviewer can read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.cards.card import Card


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
