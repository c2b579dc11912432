"""kpi diff in a terminal: which definitions differ, what that does to the numbers, and to the goals."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bot.terminal.text import BAD, BOLD, FAINT, GOOD, WIDTH, Paint, cleaned, columns_of, grid, painter, wrapped
from kpi_core.answers import SO_FAR, Change
from kpi_core.formats.movements import change_cell
from kpi_core.formats.notices import notice_text
from kpi_core.formats.numbers import value_text
from kpi_core.formats.periods import date_text, period_label
from kpi_core.phrases import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kpi_core.answers import GoalStatus
    from kpi_core.review.diff import Difference, GoalChange, GoalPeriod, KpiChange, Pair

_KINDS = ("changed", "reworded", "added", "removed")
_NONE, _ALIKE = "–", "="


def terminal_diff(  # noqa: PLR0913 - the changes, and how the terminal shows them
    changes: Sequence[KpiChange], same: int, currency: str, language: str, *, colour: bool = False, width: int = WIDTH
) -> str:
    """A tally, an overview of more than one KPI, then each in full; `same` KPIs are defined alike."""
    if not changes:
        return "\n".join(wrapped(say(language, "diff.nothing", count=same), width))
    page = _Page(currency, language, width, painter(colour=colour))
    lines = [page.tally(changes, same)]
    if len(changes) > 1:
        lines += ["", *page.overview(changes)]
    for change in changes:
        lines += ["", *page.kpi(change)]
    return "\n".join(lines)


class _Page:
    """What all lines of one output share."""

    def __init__(self, currency: str, language: str, width: int, paint: Paint) -> None:
        self._currency = currency
        self._language = language
        self._width = width
        self._paint = paint

    def tally(self, changes: Sequence[KpiChange], same: int) -> str:
        counts: dict[str, int] = Counter(change.kind for change in changes)
        tallies = [(kind, counts[kind]) for kind in _KINDS if counts[kind]] + ([("same", same)] if same else [])
        words = (self._say("tally", kind=self._say(f"kind.{kind}"), count=count) for kind, count in tallies)
        return " · ".join(words)

    def overview(self, changes: Sequence[KpiChange]) -> Iterator[str]:
        """A line a KPI: how many of its months move, and by how much at most."""
        head = [self._say("kpi"), "", self._say("moving"), self._say("largest")]
        rows = [[change.id, self._say(f"kind.{change.kind}"), *self._overview(change)] for change in changes]
        first, *others = grid([head, *rows], (), self._width)
        yield self._paint(first, FAINT)
        yield from others

    def _overview(self, change: KpiChange) -> tuple[str, str]:
        if change.kind != "changed" or not change.months:
            return "", ""
        moving = change.moving()
        moving_months = self._say("of", moved=len(moving), count=len(change.months)) if moving else _NONE
        comparable = [pair for pair in moving if pair.change is not None]
        # By ratio, as months differ in size; where the old value was 0 there is only the difference.
        largest = max(comparable, key=lambda pair: abs(pair.change_ratio or pair.change or 0), default=None)
        if largest is None:
            return moving_months, ""
        return moving_months, f"{self._change(largest, change)}  {period_label(largest.period, self._language)}"

    def kpi(self, change: KpiChange) -> Iterator[str]:
        """Name, what differs, the months, the goals."""
        name = f"{cleaned(change.metric.name(self._language))} ({change.id})"
        kind = self._paint(self._say(f"kind.{change.kind}"), FAINT)
        yield f"{self._paint(name, BOLD)}  {kind}"
        for difference in change.differences:
            yield from self._difference(difference)
        if change.unavailable:
            yield from wrapped(notice_text(change.unavailable, self._language), self._width, "  ")
        elif change.months:
            yield from ("", *self._months(change))
        if change.goals:
            yield from ("", *(line for goal in change.goals for line in self._goal(goal, change)))

    def _difference(self, difference: Difference) -> Iterator[str]:
        """On one line where it fits, else the old below the place and the new below the old."""
        old, new = (cleaned(text or _NONE) for text in (difference.old, difference.new))
        line = f"  {difference.place}: {old} → {new}"
        if columns_of(line) <= self._width:
            yield line
            return
        yield f"  {difference.place}:"
        yield from wrapped(f"− {old}", self._width, "    ")
        yield from wrapped(f"+ {new}", self._width, "    ")

    def _months(self, change: KpiChange) -> Iterator[str]:
        """The table of the months, or a sentence where no number moves."""
        if change.kind == "changed" and not change.moving():
            yield f"  {self._say('still', count=len(change.months))}"
            return
        sides = [side for side, there in (("old", change.old), ("new", change.new)) if there]
        both = len(sides) == 2
        head = [self._say("month"), *(self._say(side) for side in sides), *([self._say("change")] if both else [])]
        rows = [
            [
                self._label(pair),
                *(self._value(pair, side, change) for side in sides),
                *([self._change(pair, change)] if both else []),
            ]
            for pair in change.months
        ]
        first, *others = grid([head, *rows], {1, 2, 3}, self._width, "  ")
        yield self._paint(first, FAINT)
        yield from others

    def _label(self, pair: Pair) -> str:
        label = period_label(pair.period, self._language)
        return label if pair.complete else say(self._language, "card.so_far", period=label)

    def _value(self, pair: Pair, side: str, change: KpiChange) -> str:
        metric = change.old if side == "old" else change.new
        value = pair.old if side == "old" else pair.new
        return value_text(value, metric, self._currency, self._language, "exact") if metric else _NONE

    def _change(self, pair: Pair, change: KpiChange) -> str:
        """The movement from the old value to the new one; none between different units."""
        units = {(metric.unit, metric.duration_unit) for metric in (change.old, change.new) if metric}
        if not pair.moves:
            return _ALIKE
        # Dollars less a percentage is no number.
        if len(units) > 1:
            return _NONE
        moved = Change("definition", pair.period, pair.old, pair.change, pair.change_ratio, None, pair.period, pair.new)
        return change_cell(moved, change.metric, self._language, self._currency)

    def _goal(self, change: GoalChange, kpi: KpiChange) -> Iterator[str]:
        """The target, how often it is met by either definition, and each period that turns."""
        goal, language = change.goal, self._language
        words = {"lower": "goal.at_most", "higher": "goal.at_least"}.get(kpi.metric.direction, "goal.about")
        target = say(language, words, target=value_text(goal.target, kpi.metric, self._currency, language))
        if goal.per:
            target = say(language, f"goal.per_{goal.per}", target=target)
        where = ", ".join(f"{name}={value}" for name, value in goal.where.items())
        line = say(language, "goal.line", target=target, day=date_text(goal.by, language, short=True))
        turned = change.turned()
        outcome = self._met(change) if turned else self._say("goal_still")
        yield from wrapped(" · ".join(part for part in (line, cleaned(where), outcome) if part), self._width, "  ")
        rows = [[period_label(goal_period.period, language), self._turn(goal_period)] for goal_period in turned]
        yield from (
            self._paint(line, _tone(goal_period))
            for line, goal_period in zip(grid(rows, (), self._width, "    "), turned, strict=True)
        )

    def _met(self, change: GoalChange) -> str:
        complete = [goal_period for goal_period in change.periods if not SO_FAR & {goal_period.old, goal_period.new}]
        old, new = (sum(getattr(goal_period, side) == "met" for goal_period in complete) for side in ("old", "new"))
        return self._say("goal_met", new=new, old=old, count=len(complete))

    def _turn(self, period: GoalPeriod) -> str:
        return f"{self._status(period.old)} → {self._status(period.new)}"

    def _status(self, status: GoalStatus | None) -> str:
        return say(self._language, f"goal.{status}") if status else _NONE

    def _say(self, key: str, **params: str | int) -> str:
        return say(self._language, f"diff.{key}", **params)


def _tone(period: GoalPeriod) -> str:
    return {"met": GOOD, "off_track": BAD}.get(period.new or "", "")
