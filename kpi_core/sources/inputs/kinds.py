"""What people may type into the tab of inputs, and which table it belongs to."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_core.metrics import LANGUAGES
from kpi_core.phrases import say

TAB = "inputs"
COLUMNS = ("date", "what", "value", "answers", "channel", "region", "note")
KINDS: Mapping[str, tuple[str, ...]] = {
    "costs": ("tools", "agency", "salaries", "other"),
    "survey_responses": ("nps", "csat", "awareness"),
}
"""Table -> the words for what its rows are."""
RANGE = f"tab:{TAB}"
"""In place of a range: the tab of inputs, whatever people have called it."""


def kind_typed(text: str) -> str | None:
    """The kind that is meant in any language; None where it is none."""
    return _meanings().get(_folded(text))


def column_titled(text: str) -> str | None:
    """The column whose title that is in any language."""
    titles = {_folded(say(language, f"sheet.column.{key}")): key for key in COLUMNS for language in LANGUAGES}
    return titles.get(_folded(text))


def kind_name(kind: str, language: str) -> str:
    return say(language, f"sheet.input.{kind}")


def _meanings() -> dict[str, str]:
    kinds = [kind for of_table in KINDS.values() for kind in of_table]
    return {_folded(word): kind for kind in kinds for word in (kind, *(kind_name(kind, each) for each in LANGUAGES))}


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
