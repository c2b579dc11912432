"""A question in words becomes a MetricQuery: `cac last-month by channel`, 고객획득비용 지난달 채널별.

The words may stand in any order that stays unambiguous, in three languages mixed. The question is cut into the parts
that mean something (`segments.py`); what remains unread, or says two things at once, is answered with what was perhaps
meant.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import MONTHS, Grain, Period, add_months, previous, shift, unit_of, year_ago
from kpi_core.errors import QuestionError
from kpi_core.metrics import Cadence
from kpi_core.query import DEFAULT_COMPARISONS, Basis, Comparison, MetricQuery
from kpi_core.questions.errors import error_words, question_error
from kpi_core.questions.filters import FoundFilter, filter_places, find_filters, merged
from kpi_core.questions.period_words import LONGEST, find_readings, too_long
from kpi_core.questions.period_words.clock import Reading
from kpi_core.questions.segments import Segment, best_cut
from kpi_core.questions.unread import ambiguous, missing_kpi, too_much, unread_error
from kpi_core.questions.vocabulary import Vocabulary, build_vocabulary
from kpi_core.questions.wording import Wording, ends_word, wording
from kpi_core.questions.words import Part, word_parts

__all__ = ["Vocabulary", "build_vocabulary", "error_words", "parse_question"]

Place = tuple[int, int, Part]
_ONE_DAY = timedelta(days=1)
_CADENCE_GRAIN: dict[Cadence, Grain] = {"daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter"}
_AND = frozenset({"and", "&", "+", "와", "과", "랑", "이랑", "및", "그리고", "和", "及"})
_BASES: dict[str, Basis] = {"goal": "goal", "year_ago": "year_ago", "before": "previous_period"}
_AGAINST = ("year_ago", "unit_before", "before", "compared")
_TARGETS = ("period", "compared", "year_ago", "unit_before", "before", "goal")


def parse_question(text: str, vocabulary: Vocabulary, calendar: Calendar, today: date) -> MetricQuery:
    """The one reading of a question. QuestionError with code and suggestions where there is none or more than one."""
    if len(text) > LONGEST:
        raise too_long(len(text))
    words = wording(text)
    if not words.text.strip(" ~,"):
        raise _empty(vocabulary)
    filters = find_filters(words, vocabulary)
    cut = best_cut(words.text, _segments(words, vocabulary, calendar, today, filters))
    return _Question(words, vocabulary, calendar, today, cut).query(filters, text.strip())


def default_period(cadence: Cadence, calendar: Calendar, today: date) -> Period:
    """What a question without a period is about: the last complete unit of the KPI's cadence."""
    return shift(unit_of(today, _CADENCE_GRAIN[cadence], calendar), -1, calendar)


def _segments(
    words: Wording, vocabulary: Vocabulary, calendar: Calendar, today: date, filters: Sequence[FoundFilter]
) -> Iterator[Segment[Part]]:
    """Everything that a piece of the question may mean; nothing reaches into a filter."""
    places = list(filter_places(filters))
    for start, end in places:
        yield Segment(start, end, (Part("filter"),))
    readings, asides = find_readings(words.text, calendar, today)
    said = list(word_parts(words.text, words.breaks))
    readings = _without_targets(words.text, readings, said)
    found = [(reading.start, reading.end, Part("period", period=reading.period)) for reading in readings]
    found += [(start, end, Part("filler")) for start, end in asides]
    found += _phrase_parts(words.text, vocabulary)
    found += said
    for start, end, part in found:
        if not any(start < place_end and place_start < end for place_start, place_end in places):
            yield Segment(start, end, (part,))


def _without_targets(text: str, readings: Sequence[Reading], said: Sequence[Place]) -> list[Reading]:
    """3분기 전년 대비 is the third quarter against the year before: what stands before 대비 belongs to no period."""
    vs_after = {start for start, _, part in said if part.kind == "vs_after"}
    if not vs_after:
        return list(readings)
    places = {(reading.start, reading.end) for reading in readings}
    inner = {(start, end) for start, end, part in said if part.kind in _AGAINST and _past(text, end) & vs_after}

    def holds_a_target(reading: Reading) -> bool:
        starts = {start for start, end in inner if end == reading.end and start > reading.start}
        return any({(reading.start, start), (reading.start, start - 1)} & places for start in starts)

    return [reading for reading in readings if not holds_a_target(reading)]


def _past(text: str, end: int) -> set[int]:
    """The place itself, and the one past a space."""
    return {end, end + 1} if text[end : end + 1] == " " else {end}


def _phrase_parts(text: str, vocabulary: Vocabulary) -> Iterator[tuple[int, int, Part]]:
    """KPIs and dimensions by name, wherever a word begins and ends."""
    longest = max(map(len, (*vocabulary.metrics, *vocabulary.dimensions)), default=0)
    places = [position for position in range(len(text) + 1) if ends_word(text, position)]
    for index, start in enumerate(places):
        for end in places[index + 1 :]:
            if end - start > longest:
                break
            phrase = text[start:end]
            if phrase in vocabulary.metrics:
                yield start, end, Part("kpi", ids=vocabulary.metrics[phrase])
            if phrase in vocabulary.dimensions:
                yield start, end, Part("dimension", ids=(vocabulary.dimensions[phrase],))


@dataclass(slots=True)
class _Said:
    """What the parts of a question said, with the segments that said it."""

    kpis: list[tuple[Segment[Part], Part]]
    periods: list[tuple[Segment[Part], Part]]
    targets: list[Part]
    dimensions: list[str]
    grains: list[tuple[Segment[Part], Part]]
    tops: list[tuple[Segment[Part], Part]]


class _Question:
    """One question while it is being read."""

    def __init__(
        self, words: Wording, vocabulary: Vocabulary, calendar: Calendar, today: date, cut: Sequence[Segment[Part]]
    ) -> None:
        self._words, self._vocabulary, self._calendar, self._today = words, vocabulary, calendar, today
        self._cut = cut

    def query(self, filters: Sequence[FoundFilter], typed: str) -> MetricQuery:
        said = self._said()
        unread = [segment for segment in self._cut if not segment.meanings]
        if unread:
            raise unread_error(self._words, self._cut, unread, self._vocabulary)
        metric = self._metric(said)
        period = self._period(said) or self._default_period(said, metric)
        self._at_most_one(said.grains)
        self._at_most_one(said.tops)
        return MetricQuery(
            metric=metric,
            period=period,
            comparisons=self._comparisons(said.targets, period),
            dimensions=tuple(dict.fromkeys((*self._vocabulary.splits.get(metric, ()), *said.dimensions))),
            filters=merged(filters),
            top=said.tops[0][1].n if said.tops else None,
            grain=said.grains[0][1].grain if said.grains else None,
            question=typed,
        )

    def _said(self) -> _Said:
        said = _Said([], [], [], [], [], [])
        targets = self._targets()
        kpis = sum(_of_kind(segment, "kpi") is not None for segment in self._cut)
        periods = sum(_of_kind(segment, "period") is not None for segment in self._cut if segment not in targets)
        for segment in self._cut:
            if segment in targets:
                said.targets.append(targets[segment])
                continue
            # "yoy" is a KPI by itself, beside another KPI it says what to compare with.
            compared = _of_kind(segment, "compared")
            asked = _of_kind(segment, "period") and periods == 1
            if compared and not asked and (kpis > 1 or not _of_kind(segment, "kpi")):
                said.targets.append(compared)
                continue
            self._note(segment, said)
        return said

    def _note(self, segment: Segment[Part], said: _Said) -> None:
        for kind, kept in (("kpi", said.kpis), ("period", said.periods), ("grain", said.grains), ("top", said.tops)):
            part = _of_kind(segment, kind)
            if part:
                kept.append((segment, part))
                return
        dimension, goal = _of_kind(segment, "dimension"), _of_kind(segment, "goal")
        if dimension:
            said.dimensions.append(dimension.ids[0])
        elif goal:
            said.targets.append(goal)

    def _targets(self) -> dict[Segment[Part], Part]:
        """The segments that say what to compare with: after "vs", before 대비."""
        targets: dict[Segment[Part], Part] = {}
        for index, segment in enumerate(self._cut):
            if _of_kind(segment, "vs"):
                self._take(self._cut[index + 1 :], targets)
            if _of_kind(segment, "vs_after") and not self._take(self._cut[:index][::-1], targets):
                self._take(self._cut[index + 1 :], targets)
        return targets or self._earlier_of_two()

    def _earlier_of_two(self) -> dict[Segment[Part], Part]:
        """Compare this week and last week: the earlier one is what the other is held against."""
        found = [(segment, part) for segment in self._cut if (part := _of_kind(segment, "period"))]
        compares = any(_of_kind(segment, kind) for segment in self._cut for kind in ("vs", "vs_after"))
        if not compares or len(found) != 2:
            return {}
        segment, part = min(found, key=lambda each: each[1].period.start if each[1].period else date.max)
        return {segment: next((named for kind in _TARGETS[1:] if (named := _of_kind(segment, kind))), part)}

    def _take(self, neighbours: Sequence[Segment[Part]], targets: dict[Segment[Part], Part]) -> bool:
        """The next target in a direction, past fillers, and those joined to it by "and" or a comma.

        A comma joins two periods only where a third one is what the question is about.
        """
        took = False
        joined = ""
        for segment in neighbours:
            part = next((part for kind in _TARGETS[1:] if (part := _of_kind(segment, kind))), None)
            part = part or _of_kind(segment, "period")
            if part and not took:
                targets[segment] = part
                took = True
            elif part and (part.kind == "goal" or joined in _AND or (joined == "," and self._spare(targets))):
                targets[segment] = part
            elif not _of_kind(segment, "filler") and not _of_kind(segment, "vs"):
                break
            joined = "" if part else self._words.text[segment.start : segment.end]
        return took

    def _spare(self, targets: Collection[Segment[Part]]) -> bool:
        """Whether more than one period is left that is no target."""
        return sum(segment not in targets and _of_kind(segment, "period") is not None for segment in self._cut) > 1

    def _metric(self, said: _Said) -> str:
        if not said.kpis:
            raise missing_kpi(self._words, self._vocabulary)
        common = set(said.kpis[0][1].ids).intersection(*(part.ids for _segment, part in said.kpis))
        if len(common) == 1:
            return common.pop()
        if common:
            raise ambiguous(self._words, said.kpis[0][0], said.kpis[0][1].ids, self._vocabulary)
        raise too_much(self._words, [segment for segment, _part in said.kpis])

    def _period(self, said: _Said) -> Period | None:
        if joined := self._joined(said.periods):
            return joined
        self._at_most_one(said.periods)
        return said.periods[0][1].period if said.periods else None

    def _joined(self, periods: Sequence[tuple[Segment[Part], Part]]) -> Period | None:
        """September and October: two units, one right after the other."""
        if len(periods) != 2:
            return None
        (before, first), (after, second) = periods
        between = [each for each in self._cut if before.end <= each.start < after.start]
        words = {self._words.text[each.start : each.end] for each in between}
        one, other = first.period, second.period
        if not words or not words <= {*_AND, ","} or one is None or other is None:
            return None
        in_a_row = one.grain == other.grain != "span" and one.end == other.start and not (one.to_date or other.to_date)
        return Period(one.start, other.end) if in_a_row else None

    def _default_period(self, said: _Said, metric: str) -> Period:
        """By the KPI's cadence; only where it is held against a unit of another size, the unit after that one."""
        default = default_period(self._vocabulary.cadence[metric], self._calendar, self._today)
        before = next((target.grain for target in said.targets if target.kind == "unit_before"), None)
        if before is not None and before != default.grain:
            return shift(unit_of(self._today, before, self._calendar), -1, self._calendar)
        others = [target.period for target in said.targets if target.kind == "period" and target.period]
        if len(others) != 1 or len(said.targets) > 1 or others[0].grain in (default.grain, "span", "day"):
            return default
        after = shift(replace(others[0], to_date=False), 1, self._calendar)
        return after if after.start <= self._today and not others[0].to_date else default

    def _at_most_one(self, said: Sequence[tuple[Segment[Part], Part]]) -> None:
        if len({part for _segment, part in said}) > 1:
            raise too_much(self._words, [segment for segment, _part in said])

    def _comparisons(self, targets: Sequence[Part], period: Period) -> tuple[Comparison, ...]:
        if not targets:
            return DEFAULT_COMPARISONS
        return tuple(dict.fromkeys(self._comparison(target, period) for target in targets))

    def _comparison(self, target: Part, period: Period) -> Comparison:
        basis = target.basis or _BASES.get(target.kind)
        if basis is not None:
            return Comparison(basis)
        if target.kind == "compared":
            days = timedelta(days=target.n)
            return Comparison("period", replace(period, start=period.start - days, end=period.end - days))
        if target.kind == "unit_before":
            return self._unit_before(target.grain or "month", period)
        other = target.period
        assert other is not None
        before, ago = previous(period, self._calendar), year_ago(period, self._calendar)
        if _days(other) == _days(period):
            return _one_before(period)
        if _days(other) == _days(before):
            return Comparison("previous_period")
        return Comparison("year_ago") if _days(other) == _days(ago) else Comparison("period", other)

    def _unit_before(self, grain: Grain, period: Period) -> Comparison:
        """A unit against the one before; days against the same days of the week, month or quarter before."""
        if grain == period.grain:
            return Comparison("previous_period")
        if period.grain not in ("day", "span"):
            return Comparison("period", shift(unit_of(self._today, grain, self._calendar), -1, self._calendar))
        start, last = (_unit_earlier(day, grain) for day in (period.start, period.last_day))
        other = replace(period, start=start, end=last + _ONE_DAY)
        if other == previous(period, self._calendar):
            return Comparison("previous_period")
        return Comparison("period", other)


def _days(period: Period) -> tuple[date, date]:
    return period.start, period.end


def _one_before(period: Period) -> Comparison:
    """A period held against itself says nothing: "last month vs last month" means the one before of its kind."""
    if period.feast:
        return Comparison("year_ago")
    if period.grain == "day" and period.every:
        week = timedelta(days=period.every)
        return Comparison("period", replace(period, start=period.start - week, end=period.end - week))
    return Comparison("previous_period")


def _unit_earlier(day: date, grain: Grain) -> date:
    return add_months(day, -MONTHS[grain]) if grain in MONTHS else day - timedelta(days=7 if grain == "week" else 1)


def _of_kind(segment: Segment[Part], kind: str) -> Part | None:
    return next((part for part in segment.meanings if part.kind == kind), None)


def _empty(vocabulary: Vocabulary) -> QuestionError:
    example = "cac last-month" if "cac" in vocabulary.metrics else next(iter(vocabulary.metric_names), "")
    return question_error("empty_question", example=example)
