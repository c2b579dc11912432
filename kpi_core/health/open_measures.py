"""Which days of which sources still move, learned from the trail that services leave when they restate them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from kpi_core.dates.periods import Days
from kpi_core.frozen_dataclass import frozen
from kpi_core.signals.restated_days import Curve, Followed, Settled, curve_of, settled

Reading = tuple[str, date, date, float]
"""Account, day, the local date on which something else was said of it, and what."""


@frozen
class OpenMeasure:
    """A column of a source whose youngest days still move. `sums` are those days, as they were on the day `as_of`."""

    source: str
    table: str
    column: str
    as_of: date
    curve: Curve
    sums: Mapping[date, float]

    def settled(self, days: Days) -> Settled | None:
        """What its young days among some days will have become; None where there are none, or where nobody can tell."""
        own = {on: value for on, value in self.sums.items() if days[0] <= on < days[1]}
        return settled(self.curve, own, self.as_of) if own else None

    def is_open_on(self, days: Days) -> bool:
        """Whether some of the days may still move."""
        return any(days[0] <= on < days[1] for on in self.sums)


def open_measure(
    source: str, table: str, column: str, readings: Sequence[Reading], loaded_on: date
) -> OpenMeasure | None:
    """What the trail of a source's column tells; None where too little of it has been followed, or nothing moves.

    `loaded_on` is the local day of its last good load: what did not move then left no trail.
    """
    days = followed(readings)
    if not days:
        return None
    as_of = max(loaded_on, *(read for _account, _day, read, _value in readings))
    curve = curve_of(days, as_of)
    if curve is None or not curve.horizon:
        return None
    young = {day.on: day.final for day in days if (as_of - day.on).days < curve.horizon}
    return OpenMeasure(source, table, column, as_of, curve, young)


def followed(readings: Iterable[Reading]) -> list[Followed]:
    """The days of a source, its accounts added up: from the day on which all that ever answered for one had done so."""
    by_day: dict[date, list[tuple[date, str, float]]] = {}
    for account, day, read, value in readings:
        by_day.setdefault(day, []).append((read, account, value))
    return [_day(on, sorted(lines, key=lambda line: line[0])) for on, lines in sorted(by_day.items())]


def _day(on: date, lines: Sequence[tuple[date, str, float]]) -> Followed:
    accounts = {account for _read, account, _value in lines}
    steps = dict(_sums(lines, accounts))
    ages = {(read - on).days: value for read, value in steps.items()}
    return Followed(on, tuple(ages), tuple(ages.values()))


def _sums(lines: Sequence[tuple[date, str, float]], accounts: set[str]) -> Iterator[tuple[date, float]]:
    """The sum on each date on which something changed; of one date what was said last counts."""
    latest: dict[str, float] = {}
    for read, account, value in lines:
        latest[account] = value
        if latest.keys() == accounts:
            yield read, sum(latest.values())
