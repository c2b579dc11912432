"""Daily numbers as the signals read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import Literal

from kpi_core.frozen_dataclass import frozen

Unit = Literal["count", "amount", "ratio"]


@frozen
class Day:
    """One day's number. `value` is None where a denominator is 0; of a ratio both parts stand beside it, if there."""

    on: date
    value: float | None
    numerator: float | None = None
    denominator: float | None = None


@frozen
class Announced:
    """A campaign, or another change that somebody planned; `start` and `end` are its first and its last day."""

    start: date
    end: date
    name: str = ""


@frozen
class Calendar:
    """What is no surprise: holidays by date with their name, and what was announced."""

    holidays: Mapping[date, str] = field(default_factory=dict)
    announced: tuple[Announced, ...] = ()


@frozen
class Series:
    """The days of one KPI, oldest first; a day without a row is a day without data, never 0.

    Days from `open_from` on are not complete yet: they are neither judged nor history. `sends`: only the days on
    which something was sent have a row.
    """

    days: tuple[Day, ...]
    unit: Unit
    calendar: Calendar = field(default_factory=Calendar)
    sends: bool = False
    open_from: date | None = None
