"""Values that a question names without their dimension: "cac for search", 모바일 전환율, "cac excluding social".

A value that only one dimension of the KPI has is its filter. One that several have is asked back about, and so is
whatever else is not plain: where a value stands after "by" or is held against another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from kpi_core.query import Filter
from kpi_core.questions.filters.value_words import other_words, same_words, wider_words
from kpi_core.questions.filters.written import PlacedFilter, several_values
from kpi_core.questions.period_words.clock import matches
from kpi_core.questions.segments import Segment, best_cut
from kpi_core.questions.vocabulary import Vocabulary
from kpi_core.questions.wording import QUOTED, Wording, ends_word, plain
from kpi_core.questions.words import Part

_FROM = r"from|via|through|coming from|來自|透過|经由|經由|從|由"
_WITHOUT = (
    r"(?:everything|everyone|everywhere|all|anything) (?:but|except|besides)|leaving out"
    r"|outside(?: of)?"
    r"|exclud(?:ing|es?)|excl|except(?: for)?|without|w o|other than|apart from|but not|not counting|not|minus|omitting"
    r"|non|非|不要算|別算|不計入|不要包含|不看|撇開|不含|不包括|不包含|不算|不計|排除|扣掉|扣除|去掉|剔除|撇除|除了|除去"
)
_WITHOUT_AFTER = (
    r"[을를은는]?(?:제외(?:하고서?|하면|한|해서|시)?|빼고|빼면|빼줘|뺀|말고|없이|제하고|안치고|아닌)(?:나머지|다른)?"
    r"|(?:以外|之外|除外)的?|excluded|aside"
)
_JOINING = frozenset(
    {"and", "&", "+", "or", ",", "와", "과", "랑", "이랑", "및", "하고", "또는", "和", "及", "或", "跟", "與"}
)
_CROWD = re.compile(
    r"(?:traffic|visits?|visitors?|sessions?|users?|shoppers?|customers?|buyers?)|트래픽|방문자?|유입|세션|사용자|이용자|流量|訪客|使用者|用戶"
)
_WITH_CROWD = re.compile(rf" ?(?:{_CROWD.pattern})$")
_LONGEST = 80
_SORTED_INTO, _SORTED = "channel", ("source", "medium")

Dimensions = Mapping[str, Mapping[str, None]]
"""Dimension -> its values that go by one phrase, in order."""
Cut = Sequence[Segment[Part]]


def bare_filters(
    words: Wording, segments: Iterable[Segment[Part]], vocabulary: Vocabulary, written: Sequence[PlacedFilter]
) -> list[PlacedFilter]:
    """All filters of a question with unread words, those `written` out among them; these alone where it is not plain.

    QuestionError for a value of several dimensions.
    """
    segments = list(segments)
    first = _without_crowds(words.text, best_cut(words.text, segments))
    metric = _metric(first)
    unread = [segment for segment in first if not segment.meanings]
    if metric is None or not unread:
        return list(written)
    named = [segment for segment in first if _is(segment, "kpi")]
    values = {
        (start, end): dimensions
        for (start, end), dimensions in _values(words, unread, _phrases(vocabulary, metric))
        # Of 自然流量 the traffic stays the KPI that is asked for.
        if not all(start <= segment.start and segment.end <= end for segment in named)
    }
    cut = best_cut(words.text, [*segments, *_segments(words, values)])
    return _filters(words, cut, values, {placed.start: placed for placed in written}) or list(written)


def _without_crowds(text: str, cut: Cut) -> list[Segment[Part]]:
    """Who comes by a channel or on a device is that part of all: of "conversion rate of organic traffic" the latter."""
    kpis = sum(_is(segment, "kpi") for segment in cut)

    def is_crowd(before: Segment[Part], segment: Segment[Part]) -> bool:
        return kpis > 1 and not before.meanings and _CROWD.fullmatch(text[segment.start : segment.end]) is not None

    crowds = {after for before, after in pairwise(cut) if is_crowd(before, after)}
    return [replace(segment, meanings=()) if segment in crowds else segment for segment in cut]


def _metric(cut: Cut) -> str | None:
    """The one KPI of a question."""
    ids = [set(part.ids) for segment in cut for part in segment.meanings if part.kind == "kpi"]
    common = set.intersection(*ids) if ids else set()
    return common.pop() if len(common) == 1 else None


def values_called(phrase: str, vocabulary: Vocabulary) -> Iterator[str]:
    """The dimensions, of all KPIs, that have a value called so."""
    called = {phrase, *same_words(phrase)}
    for dimension in vocabulary.dimension_names:
        if any(member is not None and plain(member) in called for member in vocabulary.values(dimension)):
            yield dimension


def _phrases(vocabulary: Vocabulary, metric: str) -> dict[str, dict[str, dict[str, None]]]:
    """Phrase -> the dimensions of the KPI with a value called so; other words count where no value is called so."""
    phrases: dict[str, dict[str, dict[str, None]]] = {}
    members = [
        (dimension, member)
        for dimension in vocabulary.splits_of(metric)
        for member in vocabulary.values(dimension)
        if member is not None
    ]
    for dimension, member in members:
        phrases.setdefault(plain(member), {}).setdefault(dimension, {})[member] = None
    for phrase, dimensions in tuple(phrases.items()):
        for word in other_words(phrase):
            if word in phrases and phrases[word] is not dimensions:
                continue
            phrases[word] = dimensions
    for phrase, dimensions in tuple(phrases.items()):
        for word in wider_words(phrase):
            phrases.setdefault(word, dimensions)
    # "Tik tok": a gap too much says nothing.
    for phrase, dimensions in tuple(phrases.items()):
        phrases.setdefault(phrase.replace(" ", ""), dimensions)
    return phrases


def _values(
    words: Wording, unread: Cut, phrases: Mapping[str, Dimensions]
) -> Iterator[tuple[tuple[int, int], Dimensions]]:
    """Every place that is called as a value is and holds something unread: the rest of the question stays as it is."""
    text = words.text
    ends = [place for place in range(len(text) + 1) if ends_word(text, place)]
    for start in ends:
        for end in ends:
            if not start < end <= start + _LONGEST:
                continue
            if any(start < segment.end and segment.start < end for segment in unread):
                phrase = _phrase(words, start, end)
                # A single letter or a number is rather anything else.
                if len(phrase) < 2 or phrase.isdecimal():
                    continue
                called = (phrase, phrase.replace(" ", ""), _WITH_CROWD.sub("", phrase))
                if dimensions := next((phrases[name] for name in called if name in phrases), None):
                    yield (start, end), dimensions


def _phrase(words: Wording, start: int, end: int) -> str:
    quoted = ord(words.text[start]) - QUOTED
    return (
        plain(words.quotes[quoted]) if end == start + 1 and 0 <= quoted < len(words.quotes) else words.text[start:end]
    )


def _segments(words: Wording, values: Mapping[tuple[int, int], Dimensions]) -> Iterator[Segment[Part]]:
    yield from (Segment(start, end, (Part("value"),)) for start, end in values)
    for kind, pattern in (("from", _FROM), ("without", _WITHOUT), ("without_after", _WITHOUT_AFTER)):
        part = Part(kind)  # type: ignore[arg-type]
        yield from (Segment(match.start(), match.end(), (part,)) for match in matches(pattern, words.text))


def _filters(
    words: Wording,
    cut: Cut,
    values: Mapping[tuple[int, int], Dimensions],
    written: Mapping[int, PlacedFilter],
) -> list[PlacedFilter]:
    """The filters of a cut in their order; none where a word around them means something else."""
    filters: dict[int, PlacedFilter] = {}
    for index, segment in enumerate(cut):
        if _is(segment, "filter"):
            filters[index] = written[segment.start]
        elif _is(segment, "value"):
            dimensions = _sorted_into(values[segment.start, segment.end])
            if len(dimensions) > 1:
                raise several_values(words, (segment.start, segment.end), dimensions)
            ((dimension, members),) = dimensions.items()
            filters[index] = PlacedFilter(segment.start, segment.end, Filter(dimension, tuple(members)))
    if not filters:
        return []
    taken = _with_dimensions(cut, filters)
    taken |= _with_prepositions(cut, filters)
    taken |= _left_out(words, cut, filters)
    marks = {index for index, segment in enumerate(cut) if _is(segment, "from", "without", "without_after")}
    plain_words = marks <= taken and not _is_split(cut, filters) and not _contradict(filters.values())
    return list(filters.values()) if plain_words else []


def _contradict(filters: Iterable[PlacedFilter]) -> bool:
    """Whether a value is kept and left out at once."""
    sides = {(each.filter.dimension, value, each.filter.excludes) for each in filters for value in each.filter.values}
    return any((dimension, value, not excludes) in sides for dimension, value, excludes in sides)


def _sorted_into(dimensions: Dimensions) -> Dimensions:
    """A channel is what sources and mediums are sorted into: a word for all of them is the channel."""
    if _SORTED_INTO in dimensions and dimensions.keys() <= {_SORTED_INTO, *_SORTED}:
        return {_SORTED_INTO: dimensions[_SORTED_INTO]}
    return dimensions


def _with_dimensions(cut: Cut, filters: dict[int, PlacedFilter]) -> set[int]:
    """Takes in the dimension beside its value: "channel search", Brand 캠페인."""
    taken: set[int] = set()
    for index in list(filters):
        for beside in (index - 1, index + 1):
            named = beside in range(len(cut)) and _part(cut[beside], "dimension")
            if not named or named.ids[0] != filters[index].filter.dimension or beside in filters or beside in taken:
                continue
            _stretch(filters, index, cut[beside])
            taken.add(beside)
    return taken


def _with_prepositions(cut: Cut, filters: dict[int, PlacedFilter]) -> set[int]:
    taken: set[int] = set()
    for index in filters:
        before = _before(cut, index, filters)
        if before is not None and _is(cut[before], "from"):
            _stretch(filters, index, cut[before])
            taken.add(before)
    return taken


def _left_out(words: Wording, cut: Cut, filters: dict[int, PlacedFilter]) -> set[int]:
    """Turns the values after "excluding" or before 제외 into what is left out, all that one "and" joins."""
    taken: set[int] = set()
    for run in _runs(words, cut, filters):
        before, after = _before(cut, run[0], filters), _after(cut, run[-1], filters)
        mark = next(
            (
                place
                for place, kind in ((before, "without"), (after, "without_after"))
                if place is not None and _is(cut[place], kind)
            ),
            None,
        )
        clauses = {filters[index].filter.dimension: filters[index].filter.excludes for index in run}
        # Neither a double negative nor "excluding social, on mobile" is plain.
        if mark is None or len(clauses) > 1 or any(clauses.values()):
            continue
        taken.add(mark)
        if mark == before and after is not None and _is(cut[after], "without_after"):
            taken.add(after)
            _stretch(filters, run[-1], cut[after])
        for index in run:
            filters[index] = replace(filters[index], filter=replace(filters[index].filter, excludes=True))
        _stretch(filters, run[0] if mark == before else run[-1], cut[mark])
    return taken


def _runs(words: Wording, cut: Cut, filters: Mapping[int, PlacedFilter]) -> Iterator[list[int]]:
    """The values that stand together, joined by "and", "or" or a comma."""
    run: list[int] = []
    for index in filters:
        if run and not _JOINING & _between(words, cut, filters[run[-1]], filters[index]):
            yield run
            run = []
        run.append(index)
    yield run


def _between(words: Wording, cut: Cut, one: PlacedFilter, other: PlacedFilter) -> set[str]:
    """What stands between two values; nothing where more stands there than what joins them."""
    between = [segment for segment in cut if one.end <= segment.start < other.start]
    texts = {words.text[segment.start : segment.end] for segment in between}
    return texts if all(_is(segment, "filler", "vs") for segment in between) else set()


def _before(cut: Cut, index: int, filters: Mapping[int, PlacedFilter]) -> int | None:
    """The segment before a value and its own words, past words that say nothing."""
    places = (place for place in range(index - 1, -1, -1) if cut[place].start < filters[index].start)
    return next((place for place in places if not _is(cut[place], "filler")), None)


def _after(cut: Cut, index: int, filters: Mapping[int, PlacedFilter]) -> int | None:
    places = (place for place in range(index + 1, len(cut)) if cut[place].start >= filters[index].end)
    return next((place for place in places if not _is(cut[place], "filler")), None)


def _is_split(cut: Cut, filters: Mapping[int, PlacedFilter]) -> bool:
    """Whether a value stands where a dimension must: "by mobile", 모바일별; or beside one: "by channel search"."""
    starts, ends = {placed.start for placed in filters.values()}, {placed.end for placed in filters.values()}
    return any(
        (_is(before, "by") and after.start in starts) or (before.end in ends and _is(after, "by_after"))
        for before, after in pairwise(cut)
    )


def _stretch(filters: dict[int, PlacedFilter], index: int, segment: Segment[Part]) -> None:
    placed = filters[index]
    filters[index] = replace(placed, start=min(placed.start, segment.start), end=max(placed.end, segment.end))


def _part(segment: Segment[Part], *kinds: str) -> Part | None:
    return next((part for part in segment.meanings if part.kind in kinds), None)


def _is(segment: Segment[Part], *kinds: str) -> bool:
    return _part(segment, *kinds) is not None
