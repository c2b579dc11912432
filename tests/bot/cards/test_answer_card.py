"""The answer card: what stands where, in three languages, within Slack's limits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from answer_examples import CATALOG, EXAMPLES

from bot.cards.answer import answer_card
from bot.sandbox.slack.blocks import problems

from golden import matches_golden

if TYPE_CHECKING:
    from bot.cards.card import Card


@pytest.mark.parametrize("language", ["en", "ko", "zh-TW"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_answer_reads_as_reviewed(name: str, language: str) -> None:
    """What an answer looks like in Slack changes only when somebody has looked at it."""
    card = answer_card(EXAMPLES[name], language, CATALOG)
    assert problems(card.blocks) == []
    matches_golden(f"cards/{name}.{language}.txt", drawn(card))


def drawn(card: Card) -> str:
    """A card as a reviewer reads it: the notification, then block by block."""
    lines = ["text:", *(f"  {line}" for line in card.text.split("\n"))]
    for block in card.blocks:
        lines += [f"{block['type']}:", *(f"  {line}" for line in _block_lines(block))]
    return "\n".join(lines) + "\n"


def _block_lines(block: dict[str, Any]) -> list[str]:
    match block["type"]:
        case "actions":
            return [f"[{each['text']['text']}] {each['action_id']}: {each['value']}" for each in block["elements"]]
        case "context":
            return [line for each in block["elements"] for line in each["text"].split("\n")]
        case "data_table":
            rows = [" | ".join(cell["text"] for cell in row) for row in block["rows"]]
            return [f"({block['caption']})", *rows]
        case "data_visualization":
            series = block["chart"]["series"]
            points = [f"{each['name']}: " + " ".join(str(point["value"]) for point in each["data"]) for each in series]
            return [block["title"], json.dumps(block["chart"]["axis_config"], ensure_ascii=False), *points]
        case _:
            return list(block["text"]["text"].split("\n"))
