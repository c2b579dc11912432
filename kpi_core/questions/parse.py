"""A question in words becomes a MetricQuery: `cac last-month by channel`, 고객획득비용 지난달 채널별.

The words may stand in any order that stays unambiguous, in three languages mixed. The question is cut into the parts
that mean something (`segments.py`); what remains unread, or says two things at once, is answered with what was perhaps
meant.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import GRAINS, MONTHS, Grain, Period, add_months, previous, shift, unit_of, year_ago
from kpi_core.errors import QuestionError
from kpi_core.query import DEFAULT_COMPARISONS, Basis, Bound, Comparison, MetricQuery
from kpi_core.questions.clauses.settled import WITH, of_kind, settled, with_other_numbers
from kpi_core.questions.clauses.side_by_side import (
    are_days_of_the_week,
    compares_parts,
    is_weekdays,
    is_weekend,
    parts_side_by_side,
)
from kpi_core.questions.errors import error_words, question_error
from kpi_core.questions.filters.written import PlacedFilter, filter_places, find_filters, merged
from kpi_core.questions.intents.small_talk import help_with, is_no_question, is_small_talk
from kpi_core.questions.intents.verbs import said_by_verb
from kpi_core.questions.named import named_parts
from kpi_core.questions.period_words import LONGEST, find_readings, too_long
from kpi_core.questions.period_words.clock import Reading
from kpi_core.questions.segments import Segment, best_cut, unread
from kpi_core.questions.subject import period_taken, unasked_period
from kpi_core.questions.unread import (
    Answers,
    ambiguous,
    language_of,
    missing_kpi,
    nearest_error,
    part_against,
    priced,
    too_much,
    unread_error,
    wasteful,
)
from kpi_core.questions.vocabulary import Vocabulary, build_vocabulary
from kpi_core.questions.wording import Wording, wording
from kpi_core.questions.words import Part, word_parts

__all__ = ["Vocabulary", "build_vocabulary", "error_words", "parse_question"]

Reads = Callable[[str], MetricQuery | None]
"""The reading of a question put in other words, if it has one."""
Place = tuple[int, int, Part]
"""Start and end in the plain text, and what stands there."""
_ONE_DAY = timedelta(days=1)
_AND = frozenset({"and", "&", "+", "와", "과", "랑", "이랑", "및", "그리고", "和", "及"})
_VISITS = "website_traffic"
# Of followers the platforms are networks, of visits the pages those they begin on.
_ALIKE = {"platform": "network", "network": "platform", "page": "landing_page"}
_BASES: dict[str, Basis] = {"goal": "goal", "year_ago": "year_ago", "before": "previous_period"}
_AGAINST = ("year_ago", "unit_before", "before", "compared")
# In order of preference: "last year" is a period too, yet after "vs" it stays relative to the period asked about.
_TARGETS = ("period", "compared", "year_ago", "unit_before", "before", "goal")


def parse_question(text: str, vocabulary: Vocabulary, calendar: Calendar, today: date) -> MetricQuery:
    """The one reading of a question. QuestionError with code and suggestions where there is none or more than one.

    Each suggestion has been read itself: it is a whole question that gets an answer, by dimensions that its KPI has, no
    two of them the same.
    """

    @cache
    def reading(question: str) -> MetricQuery | None:
        query = _read_as_it_is(question, vocabulary, calendar, today)
        if query is None:
            return None
        dimensions = {*query.dimensions, *(clause.dimension for clause in query.filters)}
        return query if dimensions.issubset(vocabulary.splits_of(query.metric)) else None

    try:
        return _read(text, vocabulary, calendar, today, reading)
    except QuestionError as error:
        by_reading: dict[MetricQuery, str] = {}
        for suggestion in error.suggestions:
            if query := reading(suggestion):
                by_reading.setdefault(query, suggestion)
        error.suggestions = tuple(by_reading.values())
        raise


def _read(text: str, vocabulary: Vocabulary, calendar: Calendar, today: date, reading: Reads) -> MetricQuery:
    def answers(question: str) -> bool:
        return reading(question) is not None

    words, filters, cut = _parts(text, vocabulary, calendar, today)
    pieces = [(segment.start, segment.end) for segment in unread(cut)]
    # Before any error, which looks for what was meant.
    if _is_small_talk(words, cut) or (pieces and is_no_question(words.text)):
        raise help_with(language_of(words.text), answers)
    try:
        return _Question(words, vocabulary, calendar, today, cut, answers).query(filters, text.strip())
    except QuestionError:
        from kpi_core.questions.misspelt import spelt_right

        if query := spelt_right(words, pieces, vocabulary, reading):
            return replace(query, question=text.strip())
        raise


def _read_as_it_is(text: str, vocabulary: Vocabulary, calendar: Calendar, today: date) -> MetricQuery | None:
    """The reading of a question in which every word is understood; None of any other."""
    try:
        words, filters, cut = _parts(text, vocabulary, calendar, today)
        # What was perhaps meant costs more than all the rest, and nobody hears of it.
        if unread(cut) or _is_small_talk(words, cut):
            return None
        return _Question(words, vocabulary, calendar, today, cut, lambda _question: False).query(filters, text.strip())
    except QuestionError:
        return None


def _parts(
    text: str, vocabulary: Vocabulary, calendar: Calendar, today: date
) -> tuple[Wording, Sequence[PlacedFilter], list[Segment[Part]]]:
    """The words of a question, its filters, and the cut that leaves the least unread."""
    if len(text) > LONGEST:
        raise too_long(len(text))
    words = wording(text)
    if not words.text.strip(" ~,"):
        raise _empty(vocabulary)
    # Filters first: a value may be any words ("campaign=last month"), and nothing else may be read inside it.
    filters: Sequence[PlacedFilter] = find_filters(words, vocabulary)
    places = list(_places(words, vocabulary, calendar, today))
    segments = list(_segments(words, places, filters))
    cut = best_cut(words.text, segments)
    of_emails: list[Segment[Part]] = []
    if unread(cut):
        from kpi_core.questions.clauses.of_emails import parts_of_emails

        of_emails = list(parts_of_emails(words.text, cut, vocabulary.metrics))
        segments = [*of_emails, *segments]
        cut = best_cut(words.text, segments) if of_emails else cut
    if unread(cut):
        # Most questions name no value without its dimension, and do without its many words.
        from kpi_core.questions.filters.members import bare_filters

        filters = bare_filters(words, segments, vocabulary, filters)
        cut = best_cut(words.text, [*of_emails, *_segments(words, places, filters)])
    if unread(cut) and (whose := list(_whose(words.text, vocabulary))):
        cut = best_cut(words.text, [*of_emails, *_segments(words, places, filters), *whose])
    return words, filters, cut


def _is_small_talk(words: Wording, cut: Sequence[Segment[Part]]) -> bool:
    return not any(of_kind(segment, "kpi") for segment in cut) and is_small_talk(words)


def _places(words: Wording, vocabulary: Vocabulary, calendar: Calendar, today: date) -> Iterator[Place]:
    """Everything that a piece of the question may mean."""
    readings, asides = find_readings(words.text, calendar, today)
    word_places = list(word_parts(words.text, words.breaks))
    readings = _without_targets(words.text, readings, word_places)
    # Readings come first, for of one place the first meaning of a kind counts.
    yield from ((reading.start, reading.end, Part("period", period=reading.period)) for reading in readings)
    yield from ((start, end, Part("filler")) for start, end in asides)
    names = list(named_parts(words, vocabulary.metrics, vocabulary.dimensions, vocabulary.written))
    yield from _without_swallowed_splits(words.text, names, word_places)
    yield from ((start, end, Part("kpi", ids=ids)) for start, end, ids in said_by_verb(words.text, vocabulary.known))
    yield from word_places


def _segments(words: Wording, places: Iterable[Place], filters: Sequence[PlacedFilter]) -> Iterator[Segment[Part]]:
    """The filters, and the places outside them: nothing reaches into a filter."""
    filter_spans = list(filter_places(filters))
    for start, end in filter_spans:
        yield Segment(start, end, (Part("filter", ids=(words.typed(start, end),)),))
    for start, end, part in places:
        if not any(start < filter_end and filter_start < end for filter_start, filter_end in filter_spans):
            yield Segment(start, end, (part,))


def _whose(text: str, vocabulary: Vocabulary) -> Iterator[Segment[Part]]:
    """Whose number it is, where the name of the KPI is taken apart: "revenue that returning customers bring in"."""
    for phrase, kpis in vocabulary.people.items():
        start = text.find(phrase)
        if start >= 0:
            yield Segment(start, start + len(phrase), (Part("whose", ids=tuple(kpis.values())),))


def _without_targets(text: str, readings: Sequence[Reading], word_places: Sequence[Place]) -> list[Reading]:
    """3분기 전년 대비 is the third quarter against the year before: what stands before 대비 belongs to no period."""
    vs_after = {start for start, _, part in word_places if part.kind == "vs_after"}
    if not vs_after:
        return list(readings)
    places = {(reading.start, reading.end) for reading in readings}
    inner = {(start, end) for start, end, part in word_places if part.kind in _AGAINST and _past(text, end) & vs_after}

    def holds_a_target(reading: Reading) -> bool:
        starts = {start for start, end in inner if end == reading.end and start > reading.start}
        return any({(reading.start, start), (reading.start, start - 1)} & places for start in starts)

    return [reading for reading in readings if not holds_a_target(reading)]


def _without_swallowed_splits(text: str, names: Sequence[Place], word_places: Sequence[Place]) -> list[Place]:
    """After "by" a dimension comes first: 各行銷活動投資報酬率 is ROI by campaign, no campaign ROI."""
    after_by = {start for _, end, part in word_places if part.kind == "by" for start in _past(text, end)}
    kpis = {(start, end) for start, end, part in names if part.kind == "kpi"}
    dimensions = [(start, end) for start, end, part in names if part.kind == "dimension" and start in after_by]
    swallowing = {
        (start, end)
        for start, end in kpis
        for first, last in dimensions
        if first == start and any((next_start, end) in kpis for next_start in _past(text, last))
    }
    return [place for place in names if place[2].kind != "kpi" or place[:2] not in swallowing]


def _past(text: str, end: int) -> set[int]:
    """The place itself, and the one past a space."""
    return {end, end + 1} if text[end : end + 1] == " " else {end}


@dataclass(slots=True)
class _Clauses:
    """What a question says, sorted by its use; an entry is the segment and its part, for errors to point at."""

    kpis: list[tuple[Segment[Part], Part]]
    periods: list[tuple[Segment[Part], Part]]
    targets: list[Part]
    dimensions: list[str]
    grains: list[tuple[Segment[Part], Part]]
    tops: list[tuple[Segment[Part], Part]]
    orders: list[tuple[Segment[Part], Part]]
    prices: list[tuple[Segment[Part], Part]]
    ends: list[tuple[Segment[Part], Part]]
    origins: list[tuple[Segment[Part], Part]]
    waste: list[tuple[Segment[Part], Part]]
    whose: list[tuple[Segment[Part], Part]]
    bounds: list[tuple[Segment[Part], Part]]


class _Question:
    """One question while it is being read."""

    def __init__(  # noqa: PLR0913, PLR0917 - the words, and all that they are read by
        self,
        words: Wording,
        vocabulary: Vocabulary,
        calendar: Calendar,
        today: date,
        cut: Sequence[Segment[Part]],
        answers: Answers,
    ) -> None:
        self._words, self._vocabulary, self._calendar, self._today = words, vocabulary, calendar, today
        self._answers = answers
        self._cut = settled(words.text, with_other_numbers(words.text, cut, vocabulary), vocabulary)
        self._filters: Sequence[PlacedFilter] = ()

    def query(self, filters: Sequence[PlacedFilter], typed: str) -> MetricQuery:
        self._filters = filters
        if sum(of_kind(segment, "period") is not None for segment in self._cut) > 1:
            from kpi_core.questions.clauses.years_apart import with_years

            self._cut = with_years(self._words.text, self._cut, self._targets(), self._calendar, self._today)
        clauses = self._clauses()
        # What cannot be read comes first: with it the clauses are not all there, and their errors would mislead.
        if pieces := unread(self._cut):
            raise self._ambiguous_too() or unread_error(self._words, self._cut, pieces, self._vocabulary, self._answers)
        metric = self._theirs(self._metric(clauses), clauses)
        if any(target.kind == "compared" for target in clauses.targets):
            # "Revenue growth yoy" is no growth of the growth.
            metric = self._vocabulary.growth_of.get(metric, metric)
        sides = self._sides(filters)
        if not sides:
            self._refuse_parts_against(filters)
        named = self._period(clauses)
        now = self._calendar, self._today
        grains = self._grains(clauses.grains)
        cadence = self._vocabulary.cadence[metric]
        period = named or unasked_period(self._words.text, clauses.targets, grains, cadence, *now)
        self._at_most_one(clauses.tops)
        self._at_most_one(clauses.orders)
        self._at_most_one(clauses.ends)
        if clauses.prices and metric not in self._vocabulary.money:
            raise priced(self._words, clauses.kpis[0][0], self._vocabulary)
        ranks = (*clauses.orders, *clauses.prices, *clauses.tops, *clauses.ends, *clauses.waste, *clauses.grains)
        order = next((part.order for _segment, part in ranks if part.order), None)
        # Which region something comes from is asked of the region.
        added = sides or ("channel" if clauses.origins and not clauses.dimensions else "")
        split = (*self._vocabulary.splits.get(metric, ()), *self._splits(metric, clauses), added)
        top = clauses.tops[0][1].n if clauses.tops else 1 if order and grains and not any(split) else None
        return MetricQuery(
            metric=metric,
            period=period,
            comparisons=self._comparisons(clauses.targets, period),
            dimensions=tuple(dict.fromkeys(filter(None, split))),
            filters=merged(placed.filter for placed in filters),
            top=top,
            order=order,
            bounds=self._bounds(metric, clauses.bounds),
            grain=grains[0] if grains else None,
            cut_by=grains[1] if len(grains) > 1 else None,
            question=typed,
            assumed=() if named else (period_taken(period, *now),),
        )

    def _ambiguous_too(self) -> QuestionError | None:
        """Which KPI is meant, where that decides whether the rest can be read: 모바일 이탈률."""
        named = [(segment, part) for segment in self._cut if (part := of_kind(segment, "kpi"))]
        if len(named) != 1 or len(named[0][1].ids) < 2:
            return None
        error = ambiguous(self._words, named[0][0], named[0][1].ids, self._vocabulary, self._answers)
        return error if any(self._answers(suggestion) for suggestion in error.suggestions) else None

    def _clauses(self) -> _Clauses:
        clauses = _Clauses([], [], [], [], [], [], [], [], [], [], [], [], [])
        targets = self._targets()
        kpis = sum(of_kind(segment, "kpi") is not None for segment in self._cut)
        periods = sum(of_kind(segment, "period") is not None for segment in self._cut if segment not in targets)
        for segment in self._cut:
            if segment in targets:
                clauses.targets.append(targets[segment])
                continue
            # "yoy" is a KPI by itself, beside another KPI it says what to compare with.
            compared = of_kind(segment, "compared")
            # "Same day last week" is the period itself where the question has no other.
            only_period = of_kind(segment, "period") and periods == 1
            if compared and not only_period and (kpis > 1 or not of_kind(segment, "kpi")):
                clauses.targets.append(compared)
                continue
            self._note(segment, clauses)
        return clauses

    def _note(self, segment: Segment[Part], clauses: _Clauses) -> None:
        for kind, entries in (
            ("kpi", clauses.kpis),
            ("period", clauses.periods),
            ("grain", clauses.grains),
            ("top", clauses.tops),
            ("count", clauses.tops),
            ("order", clauses.orders),
            ("price", clauses.prices),
            ("end", clauses.ends),
            ("origin", clauses.origins),
            ("waste", clauses.waste),
            ("whose", clauses.whose),
            ("bound", clauses.bounds),
        ):
            part = of_kind(segment, kind)
            if part:
                entries.append((segment, part))
                return
        dimension, goal = of_kind(segment, "dimension"), of_kind(segment, "goal")
        if dimension:
            clauses.dimensions.append(dimension.ids[0])
        elif goal:
            clauses.targets.append(goal)

    def _targets(self) -> dict[Segment[Part], Part]:
        """The segments that say what to compare with: after "vs", before 대비."""
        targets: dict[Segment[Part], Part] = {}
        ahead: dict[Segment[Part], Part] = {}
        for index, segment in enumerate(self._cut):
            if compares_parts(self._words.text, self._cut, segment, self._filters):
                continue
            if of_kind(segment, "vs"):
                self._take(self._cut[index + 1 :], ahead)
            # 대비 takes what stands before it; without that it opens the comparison, as "compare" does:
            # "compare to last year".
            opens = of_kind(segment, "vs_after") and not self._take(self._cut[:index][::-1], targets)
            # "Compare october with september" opens with what the question is about.
            if opens and not (index == 0 and self._spare({})):
                self._take(self._cut[index + 1 :], ahead)
        targets |= self._as_bases(ahead)
        return targets or self._earlier_of_two()

    def _as_bases(self, targets: dict[Segment[Part], Part]) -> dict[Segment[Part], Part]:
        """Beside no other period "vs previous month" names that very month, as "vs last month" does."""
        if any(of_kind(segment, "period") and segment not in targets for segment in self._cut):
            return targets
        return {
            segment: (of_kind(segment, "period") or part) if part.kind == "unit_before" else part
            for segment, part in targets.items()
        }

    def _earlier_of_two(self) -> dict[Segment[Part], Part]:
        """Compare this week and last week: the earlier one is what the other is held against."""
        periods = [(segment, part) for segment in self._cut if (part := of_kind(segment, "period"))]
        compares = any(of_kind(segment, kind) for segment in self._cut for kind in ("vs", "vs_after"))
        if not compares or len(periods) != 2:
            return {}
        segment, part = min(periods, key=lambda entry: entry[1].period.start if entry[1].period else date.max)
        return {segment: next((named for kind in _TARGETS[1:] if (named := of_kind(segment, kind))), part)}

    def _take(self, neighbours: Sequence[Segment[Part]], targets: dict[Segment[Part], Part]) -> bool:
        """The next target in a direction, past fillers, and those joined to it by "and" or a comma.

        A comma joins two periods only where a third one is what the question is about.
        """
        took = False
        joined = ""
        for segment in neighbours:
            part = next((part for kind in _TARGETS[1:] if (part := of_kind(segment, kind))), None)
            part = part or of_kind(segment, "period")
            if part and not took:
                targets[segment] = part
                took = True
            # A goal needs no joining word: it can be nothing but a target.
            elif part and (part.kind == "goal" or joined in _AND or (joined == "," and self._spare(targets))):
                targets[segment] = part
            elif not of_kind(segment, "filler") and not of_kind(segment, "vs"):
                break
            joined = "" if part else self._words.text[segment.start : segment.end]
        return took

    def _spare(self, targets: Collection[Segment[Part]]) -> bool:
        """Whether more than one period is left that is no target."""
        return sum(segment not in targets and of_kind(segment, "period") is not None for segment in self._cut) > 1

    def _metric(self, clauses: _Clauses) -> str:
        if not clauses.kpis and clauses.waste:
            raise wasteful(self._words, clauses.waste[0][0], self._vocabulary)
        if not clauses.kpis:
            near = nearest_error(self._words, self._cut, self._cut, self._vocabulary, self._answers)
            raise near or missing_kpi(self._words, self._vocabulary)
        common = set(clauses.kpis[0][1].ids).intersection(*(part.ids for _segment, part in clauses.kpis))
        if len(common) == 1:
            return common.pop()
        # What comes from somewhere is a visit, whoever comes again.
        if clauses.origins and _VISITS in common:
            return _VISITS
        if common:
            segment, part = clauses.kpis[0]
            days = " ".join(self._words.typed(each.start, each.end) for each, _period in clauses.periods)
            raise ambiguous(self._words, segment, part.ids, self._vocabulary, self._answers, days)
        raise too_much(self._words, [segment for segment, _part in clauses.kpis])

    def _theirs(self, metric: str, clauses: _Clauses) -> str:
        """The KPI of those people alone that the question names beside it."""
        for segment, _part in clauses.whose:
            theirs = self._vocabulary.people[self._words.text[segment.start : segment.end]].get(metric)
            if theirs is None:
                raise unread_error(self._words, self._cut, [segment], self._vocabulary, self._answers)
            metric = theirs
        return metric

    def _splits(self, metric: str, clauses: _Clauses) -> list[str]:
        """The dimensions that are named; where the KPI lacks one, what goes by the same word and it has."""
        alike = {_ALIKE.get(each, each) for each in clauses.dimensions}
        splits = set(self._vocabulary.splits_of(metric)) if alike != set(clauses.dimensions) else set()
        return [
            _ALIKE[each] if each in _ALIKE and each not in splits and _ALIKE[each] in splits else each
            for each in clauses.dimensions
        ]

    def _bounds(self, metric: str, entries: Sequence[tuple[Segment[Part], Part]]) -> tuple[Bound, ...]:
        """The limits of the groups. QuestionError for one in another unit than the KPI's."""
        if not entries:
            return ()
        from kpi_core.questions.limits.bounds import bound_of

        unit, currency = self._vocabulary.units.get(metric, ""), self._vocabulary.currency
        bounds = [bound_of(part.bound, part.ids, unit, currency) for _segment, part in entries if part.bound]
        if None in bounds:
            place = entries[bounds.index(None)][0]
            raise unread_error(self._words, self._cut, [place], self._vocabulary, self._answers)
        return tuple(bound for bound in bounds if bound is not None)

    def _period(self, clauses: _Clauses) -> Period | None:
        if joined := self._joined(clauses.periods):
            return joined
        self._at_most_one(clauses.periods)
        return clauses.periods[0][1].period if clauses.periods else None

    def _joined(self, periods: Sequence[tuple[Segment[Part], Part]]) -> Period | None:
        """September and October: two units, one right after the other."""
        if len(periods) != 2:
            return None
        (before, first), (after, second) = periods
        between = [segment for segment in self._cut if before.end <= segment.start < after.start]
        words = {self._words.text[segment.start : segment.end] for segment in between}
        one, other = first.period, second.period
        if not words or not words <= {*_AND, *WITH, ","} or one is None or other is None:
            return None
        # A part to date ends before its unit does, so the next unit does not follow on it.
        in_a_row = one.grain == other.grain != "span" and one.end == other.start and not (one.to_date or other.to_date)
        return Period(one.start, other.end) if in_a_row else None

    def _sides(self, filters: Sequence[PlacedFilter]) -> str:
        """The dimension of which two values stand side by side."""
        cut = [segment for segment in self._cut if not of_kind(segment, "filler")]
        return parts_side_by_side(self._words.text, cut, filters, periods_compared=bool(self._targets()))

    def _refuse_parts_against(self, filters: Sequence[PlacedFilter]) -> None:
        """QuestionError for "search vs the rest": parts stand side by side in a split, and never in silence as one."""
        cut = [segment for segment in self._cut if not of_kind(segment, "filler")]
        # "Vs" looks ahead, 대비 back; the part on its other side is meant as well.
        for way, kind in ((cut, "vs"), (cut[::-1], "vs_after")):
            for index, mark in enumerate(way):
                after = way[index + 1 : index + 2]
                beside = [*way[max(index - 1, 0) : index], *after]
                if of_kind(mark, kind) and are_days_of_the_week(beside, after):
                    ends = [mark, *(part for part in beside if is_weekdays(part) or is_weekend(part))]
                    place = min(part.start for part in ends), max(part.end for part in ends)
                    raise part_against(self._words, place, "weekday")
                if not of_kind(mark, kind) or not any(of_kind(part, "filter") for part in after):
                    continue
                parts = [mark, *after, *(part for part in way[max(index - 1, 0) : index] if of_kind(part, "filter"))]
                place = min(part.start for part in parts), max(part.end for part in parts)
                dimension = next(placed.filter.dimension for placed in filters if placed.start == after[0].start)
                raise part_against(self._words, place, dimension)

    def _at_most_one(self, entries: Sequence[tuple[Segment[Part], Part]]) -> None:
        if len({part for _segment, part in entries}) > 1:
            raise too_much(self._words, [segment for segment, _part in entries])

    def _grains(self, entries: Sequence[tuple[Segment[Part], Part]]) -> list[Grain]:
        """The units of the trend, the shorter one first: one, or two whose edges both count."""
        units = {unit for _segment, part in entries for unit in (part.grain, *part.ids)}
        if len(units) > 2:
            raise too_much(self._words, [segment for segment, _part in entries])
        return [grain for grain in GRAINS if grain in units]

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
        # Named by its basis, it is cut to a fair pair and worded as every such comparison is.
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
        # The last day moves, not the end: 1-30 March, moved by its end, would lose 28 February.
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
    # Seven days lie between two Fridays, although each is only one day long.
    if period.grain == "day" and period.every:
        week = timedelta(days=period.every)
        return Comparison("period", replace(period, start=period.start - week, end=period.end - week))
    return Comparison("previous_period")


def _unit_earlier(day: date, grain: Grain) -> date:
    return add_months(day, -MONTHS[grain]) if grain in MONTHS else day - timedelta(days=7 if grain == "week" else 1)


def _empty(vocabulary: Vocabulary) -> QuestionError:
    offered = vocabulary.offered(vocabulary.metric_names)
    example = "cac last-month" if "cac" in offered else next(iter(offered), "")
    return question_error("empty_question", example=example)
