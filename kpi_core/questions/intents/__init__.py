"""What a question asks for that is no number by itself: why it moved, what a KPI means, what changed, all of them.

Light, for a text that was read before needs no more than this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from kpi_core.frozen_dataclass import frozen

if TYPE_CHECKING:
    from kpi_core.dates.periods import Period

Intent = Literal["question", "why", "explain", "list", "goals", "budgets", "changes", "normal", "truths", "values"]


@frozen
class Spoken:
    """`words` are the question that is left, or the name of what is to be explained; `period` of what changed."""

    intent: Intent
    words: str
    period: Period | None = None
