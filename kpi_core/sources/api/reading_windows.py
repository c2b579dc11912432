"""Which days are asked for: the newest again and again, the history once, in pieces, the newest first. Pure.

Never from where the last load ended: services restate their numbers for weeks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from kpi_core.dates.periods import Days
from kpi_core.frozen_dataclass import frozen

_ONE_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
OVERLAP = 7
"""Days that a piece of history shares with what has been read: without a row there, the answer is not believed."""


@frozen
class Reach:
    """How many days are read: `recent` with each load, `long` once a week, `history` in all, `piece` at most at once,
    `first` by the very first load.
    """

    recent: int
    long: int
    history: int
    piece: int
    first: int = 7


@frozen
class Progress:
    """How far an account has been read: `back` to `through`, on `read_on` for the last time, on `long_on` the long
    window. None before.
    """

    through: date | None = None
    back: date | None = None
    read_on: date | None = None
    long_on: date | None = None
    rows: int = 0
    """How many rows its newest days had, all of which the next load reads again."""
    edge: int = 0
    """The same of its oldest days, which the next piece of history reads again."""

    def to_json(self) -> dict[str, str | int]:
        named = {"through": self.through, "back": self.back, "read_on": self.read_on, "long_on": self.long_on}
        return {
            **{name: day.isoformat() for name, day in named.items() if day is not None},
            "rows": self.rows,
            "edge": self.edge,
        }

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> Progress:
        """What `to_json` wrote; days that are none count as not there."""
        through, back, read_on, long_on = (_day(value.get(name)) for name in _DAYS)
        rows, edge = (value.get(name) for name in _COUNTS)
        return cls(through, back, read_on, long_on, int(rows or 0), int(edge or 0))


_DAYS = ("through", "back", "read_on", "long_on")
_COUNTS = ("rows", "edge")


@frozen
class Reading:
    """The windows of one load, inclusive days, the newest first, and the progress once all of them have been read."""

    windows: tuple[Days, ...]
    after: Progress
    unfinished: bool
    """Whether the history goes on."""
    before: Progress
    young: date
    """The first of the newest days, which the next load reads again."""

    @property
    def is_again(self) -> bool:
        """Whether the newest days of the last load are among them."""
        through = self.before.through
        return through is not None and any(first <= through <= last for first, last in self.windows)

    @property
    def expected(self) -> int:
        """How many rows the last loads had on days that are read again: some of them must come."""
        return self.before.rows if self.is_again else self.before.edge


def reading_of(progress: Progress, today: date, reach: Reach, since: date | None = None) -> Reading:
    """What to read on a day, up to the day before: today's numbers are still coming in."""
    last, oldest = today - _ONE_DAY, today - timedelta(days=reach.history)
    if progress.through is None or progress.back is None:
        first = max(oldest, last - timedelta(days=reach.first - 1))
        first = min(first, since, last) if since else first
        # The rest of the history brings the long window along.
        after = Progress(last, first, today, today)
        young = last - timedelta(days=reach.recent - 1)
        return Reading(tuple(_pieces(first, last, reach.piece)), after, first > oldest, progress, young)
    spans: list[Days] = []
    long_on, back = progress.long_on, progress.back
    if progress.read_on != today or since or back <= oldest:
        is_long = long_on is None or not timedelta() <= today - long_on < _WEEK
        days = reach.long if is_long else reach.recent
        long_on = today if is_long else long_on
        # What came after the last load has never been read, and what was young then has moved since.
        first = min(progress.through, last) - timedelta(days=days - 1)
        first = min(max(first, oldest), last)
        spans.append((min(first, since) if since else first, last))
        # A day between the two would never be asked for.
        back = min(back, spans[0][0]) if spans[0][0] <= progress.through + _ONE_DAY else spans[0][0]
    if back > oldest:
        first = max(oldest, back - timedelta(days=max(1, reach.piece - OVERLAP)))
        spans.append((first, min(back + timedelta(days=OVERLAP - 1), last)))
        back = first
    windows = tuple(piece for span in _joined(spans) for piece in _pieces(*span, reach.piece))
    after = Progress(max(progress.through, last), back, today, long_on, progress.rows, progress.edge)
    young = max(progress.through, last) - timedelta(days=reach.recent - 1)
    return Reading(windows, after, back > oldest, progress, young)


def with_days(reading: Reading, days: Iterable[date], piece: int) -> Reading:
    """The same with further days, of those that were read before and are not among its windows."""
    back = reading.before.back
    spans: list[Days] = []
    for day in sorted(set(days), reverse=True):
        if back is None or day < back or any(first <= day <= last for first, last in reading.windows):
            continue
        if spans and spans[-1][0] - _ONE_DAY == day:
            spans[-1] = (day, spans[-1][1])
        else:
            spans.append((day, day))
    return replace(reading, windows=(*reading.windows, *(each for span in spans for each in _pieces(*span, piece))))


def _joined(spans: list[Days]) -> list[Days]:
    """Two spans that overlap or touch, as one; the newer one first."""
    if len(spans) < 2 or (spans[1][1] + _ONE_DAY < spans[0][0]):
        return spans
    return [(min(spans[0][0], spans[1][0]), max(spans[0][1], spans[1][1]))]


def _pieces(first: date, last: date, piece: int) -> Iterator[Days]:
    """A span in pieces of at most so many days, the newest first."""
    while last >= first:
        begin = max(first, last - timedelta(days=piece - 1))
        yield begin, last
        last = begin - _ONE_DAY


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text)) if text else None
    except ValueError:
        return None
