"""Why a number of the past is another one by now, in a reader's words. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpi_core.formats.periods import date_text
from kpi_core.phrases import say

if TYPE_CHECKING:
    from kpi_core.deliveries.restatements import Restatement


def reason_text(restated: Restatement, language: str) -> str:
    """Why it is another number, as far as that is known."""
    if restated.reason == "late_days" and restated.through:
        return say(language, "restated.late_days", day=date_text(restated.through, language, short=True))
    if restated.reason == "rows" and restated.sources:
        return say(language, "restated.rows_of", sources=", ".join(restated.sources))
    return say(language, f"restated.{restated.reason}")
