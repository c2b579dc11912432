"""Posted numbers held against what the same questions are answered today, and why they differ.

They are asked by the clock of then: of a month that still ran only the days until then are looked at, so that a number
moves by what became of those days and not because time went on. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from kpi_core.answers import Answer
from kpi_core.deliveries.posted_number import PostedNumber
from kpi_core.frozen_dataclass import frozen
from kpi_core.health.facts import Health

TOLERANCE = 0.02
"""A posted number that has moved by more, as a share of itself, is amended; less is what late rows always do."""

Reason = Literal["definition", "late_days", "rows"]


@frozen
class Restatement:
    """A posted number and its answer of today, by the clock of then."""

    posted: PostedNumber
    answer: Answer
    reason: Reason
    through: date | None = None
    """Until when the data went that was there then, where later days have come since."""
    sources: tuple[str, ...] = ()
    """Those that were loaded since, of the tables that the number reads."""

    @property
    def value(self) -> float | None:
        return self.answer.value

    @property
    def is_equal(self) -> bool:
        """Whether the number is what it was, to the last digits that a sum in another order may change."""
        return _moved_by(self.posted.value, self.value) <= 1e-9

    @property
    def is_past_tolerance(self) -> bool:
        return moved_too_far(self.posted.value, self.value)


def moved_too_far(before: float | None, after: float | None) -> bool:
    """Whether people who read the one should be told of the other."""
    return _moved_by(before, after) > TOLERANCE


def restatement(
    posted: PostedNumber, answer: Answer, tables: Sequence[str], health: Health, at: datetime
) -> Restatement:
    """How a number that was computed at an instant stands to the answer of today. `tables` are those that it reads."""
    loaded = [facts for table in tables for facts in health.of_table(table)]
    sources = tuple(dict.fromkeys(each.source for each in loaded if each.loaded_at is not None and each.loaded_at > at))
    if answer.definition.version != posted.version:
        return Restatement(posted, answer, "definition", sources=sources)
    before, after = posted.data_through, answer.freshness.data_through
    if before and after and before < min(after, posted.query.period.last_day):
        return Restatement(posted, answer, "late_days", before, sources)
    return Restatement(posted, answer, "rows", sources=sources)


def _moved_by(before: float | None, after: float | None) -> float:
    """As a share of what it was; without end from or to no data, and from 0."""
    if before is None or after is None:
        return 0.0 if before is after else math.inf
    if before == after:
        return 0.0
    return abs(after - before) / abs(before) if before else math.inf
