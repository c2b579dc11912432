"""What the owner of a goal says of it: how confident they are, and why. Pure."""

from __future__ import annotations

from datetime import datetime

from kpi_core.answers import GoalState
from kpi_core.errors import UsageError
from kpi_core.frozen_dataclass import frozen
from kpi_core.settings.values import PER, Goal

WORDS = {
    "low": 2, "medium": 5, "high": 8,
    "낮음": 2, "보통": 5, "높음": 8,
    "低": 2, "中": 5, "高": 8,
}  # fmt: skip
"""Confidence as a word, and the number it counts as."""


@frozen
class CheckIn:
    """`confidence` is 0 (it will not be met) to 10 (it surely will); `goal` is `Goal.key`."""

    goal: str
    kpi: str
    at: datetime
    who: str
    confidence: int
    note: str = ""


def key_of(kpi: str, state: GoalState) -> str:
    """`Goal.key` of the goal behind a state."""
    per = next((grain for grain in PER if grain == state.per), None)
    return Goal(kpi, state.target, state.by, where=state.where, per=per).key


def confidence_typed(text: str) -> int:
    """`7`, `7/10`, `high`, `높음`: a number from 0 to 10. UsageError for anything else."""
    word = text.strip().casefold()
    if word in WORDS:
        return WORDS[word]
    number = word.removesuffix("/10")
    if number.isascii() and number.isdigit() and int(number) <= 10:
        return int(number)
    raise UsageError(
        f"{text!r} is no confidence.", code="usage", hint="Give a number from 0 to 10, or low, medium or high."
    )
