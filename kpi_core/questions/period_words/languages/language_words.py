"""What a language brings to the period grammar: literal words with their meaning, and patterns of its counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from kpi_core.dates.periods import Grain
from kpi_core.frozen_dataclass import frozen

UnitWords = dict[str, tuple[Grain, int]]
"""Words -> the unit and how many units from today's, e.g. "last week" -> ("week", -1)."""
NOUNS = Mapping[Grain, tuple[str, ...]]


@frozen
class Tables:
    """One language's words. Patterns are written for the plain form; NUMBER in them stands for any number word.

    Groups: `n` (or `m`, `w`) is a number, `unit` a key of `count_units`.
    """

    units: UnitWords
    to_date: UnitWords
    """Whole expressions of a part to date."""
    to_date_suffix: str
    """What makes a unit ("this month") its part to date."""
    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    """Words -> 0 for Monday to 6."""
    weekend: tuple[str, ...]
    quarter: str
    half: str
    counts: tuple[str, ...]
    """The last N units."""
    ago: str
    fixed_counts: Mapping[str, tuple[int, Grain]]
    count_units: Mapping[str, Grain]
    same_last_year: tuple[str, ...]
    """This unit, a year ago, whole."""
    same_before: tuple[str, ...]
    """The unit before, as far into it as today."""
    period_last_year: tuple[str, ...]
    """The partner, a year ago, of a period named beside it (of the month to date where none is)."""
    with_today: str
    without_today: str
    year_prefixed: Mapping[str, int] = field(default_factory=dict)
