"""What to say about a question that cannot be answered as worded: what was perhaps meant, as whole questions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from kpi_core.errors import QuestionError, did_you_mean
from kpi_core.questions.errors import either, question_error
from kpi_core.questions.filters.written import bare_value, unknown_dimension, value_of
from kpi_core.questions.period_words import EXAMPLES, similar_periods, unknown_period
from kpi_core.questions.segments import Segment
from kpi_core.questions.vocabulary import Vocabulary
from kpi_core.questions.wording import Wording, ends_word, is_cjk, plain
from kpi_core.questions.words import Part

_MOST_CHOICES = 3
_LONGEST_WORD = 60
_OF_PARTS = ("sales_revenue", "cac", "ad_spend", "website_traffic", "followers")
_OF_SALES = ("units_sold", "sales_revenue")
_SELLING = re.compile("팔리|팔린|팔렸|賣")
_WELL_KNOWN = ("cac", "sales_revenue", "roas", "website_traffic")

_OF_WASTE = ("roas", "campaign_roi", "cpa")
_OF_PRICES = ("cac", "cpa", "cpc", "ad_spend")
_WORST = {"en": "worst", "ko": "최악의", "zh-TW": "最差"}
_AND_BEFORE = re.compile(r"(?:(?<![a-z])and|,|및|그리고|와|과|이?랑|和|及|跟|與) ?$")
_AND_AFTER = re.compile(r" ?(?:and(?![a-z])|,|및|그리고|와|과|이?랑|和|及|跟|與)")

Place = tuple[int, int]
Answers = Callable[[str], bool]
"""Whether a question would be answered."""
_LIKELY = 70
"""How much a word must look like another to be taken for it misspelt; of 100."""
_SURE = 80
"""How much two words must look alike where the one stands beside a KPI that was understood; of 100."""
_ASKS_MORE = re.compile(r"^why\b|^will$|^should\b|왜|이유|원인|계산|為什麼|為何|原因|怎麼算")
"""Words that ask for more than a number, and are no misspelt name of one."""
_DATED = re.compile(r"\d[-./~:년월일年月日]|^[qhw]\d|\d[qhw]$|^(?:19|20)\d\d$")
"""What can only have been meant as a day or a period."""


def unread_error(
    words: Wording,
    cut: Sequence[Segment[Part]],
    unread: Sequence[Segment[Part]],
    vocabulary: Vocabulary,
    answers: Answers,
) -> Exception:
    """The error about the first piece that could not be read, by what the words around it ask for."""
    kpis = [part.ids for segment in cut for part in segment.meanings if part.kind == "kpi"]
    if kpis and len(kpis[0]) == 1:
        if foreign := _value_of_another(words, cut, unread, kpis[0][0], vocabulary):
            return foreign
        vocabulary = vocabulary.by_what_splits(kpis[0][0])
    # "By" before an unknown word says that a dimension is meant, but only beside a KPI: "cost per aquisition" is one.
    split = next((segment for segment in unread if _is_split(cut, segment)), None)
    if split and kpis:
        return unknown_dimension(words, split.start, split.end, vocabulary)
    if not kpis:
        return nearest_error(words, cut, unread, vocabulary, answers) or _unknown_kpi(
            words, [*_joined(cut, unread), *unread], vocabulary
        )
    return (
        _until_when(words, cut, unread[0])
        or nearest_error(words, cut, unread, vocabulary, answers, sure=True)
        or _value_after_dimension(words, cut, unread[0], vocabulary)
        or bare_value(words, unread[0].start, unread[0].end, vocabulary)
        or _unknown_other(words, cut, unread[0], vocabulary, answers)
    )


def _value_of_another(
    words: Wording, cut: Sequence[Segment[Part]], unread: Sequence[Segment[Part]], kpi: str, vocabulary: Vocabulary
) -> QuestionError | None:
    """What to say about a value of a dimension that the KPI has not: "cac google vs meta"."""
    from kpi_core.questions.filters.members import values_called

    splits = vocabulary.splits_of(kpi)
    segment, dimension = next(
        (
            (each, name)
            for each in unread
            for name in values_called(words.text[each.start : each.end], vocabulary)
            # What belongs to no KPI that the reader may see is not told of.
            if any(name in vocabulary.splits_of(metric) for metric in vocabulary.offered(vocabulary.metric_names))
        ),
        (unread[0], ""),
    )
    if not dimension or dimension in splits:
        return None
    days = " ".join(
        words.typed(part.start, part.end) for part in cut if any(meaning.period for meaning in part.meanings)
    )
    names = [vocabulary.dimension_names.get(split, {}).get("en") or split for split in splits]
    return question_error(
        "value_of_another",
        word=words.typed(segment.start, segment.end),
        dimension=lambda language: _dimension(vocabulary, dimension, language),
        hint="" if splits else "no_dimension_hint",
        choices=lambda language: either([_dimension(vocabulary, split, language) for split in splits])(language),
        suggestions=[f"{kpi} {days}".strip() + f" by {name}" for name in names[:_MOST_CHOICES]],
    )


def _dimension(vocabulary: Vocabulary, dimension: str, language: str) -> str:
    names = vocabulary.dimension_names.get(dimension, {})
    return names.get(language) or names.get("en") or dimension


def _days_in(words: Wording, cut: Sequence[Segment[Part]]) -> str:
    """The periods of a question as they were typed."""
    return " ".join(words.typed(part.start, part.end) for part in cut if any(one.period for one in part.meanings))


def _until_when(words: Wording, cut: Sequence[Segment[Part]], segment: Segment[Part]) -> QuestionError | None:
    """Of days that have an end alone, from when on they are meant."""
    from kpi_core.questions.clauses.open_start import until_when

    days = until_when(words.text, cut, segment)
    if days is None:
        return None
    start, end, spans = days
    return question_error(
        "ambiguous",
        word=words.typed(start, end),
        choices=either(spans),
        suggestions=[words.replaced(start, end, span) for span in spans],
    )


def _value_after_dimension(
    words: Wording, cut: Sequence[Segment[Part]], segment: Segment[Part], vocabulary: Vocabulary
) -> Exception | None:
    """What to say about "in region seoul": the filter that is perhaps meant, or the values that there are."""
    index = cut.index(segment)
    before = cut[index - 1] if index else segment
    named = next((part.ids[0] for part in before.meanings if part.kind == "dimension"), None)
    # "By region seoul" is a split with a word too much, and no filter without its "=".
    split = index > 1 and any(part.kind == "by" for part in cut[index - 2].meanings)
    if named is None or split:
        return None
    return value_of(words, (before.start, segment.start, segment.end), named, vocabulary)


def missing_kpi(words: Wording, vocabulary: Vocabulary) -> QuestionError:
    """Nothing in the question is a KPI, or looks like one."""
    offered = vocabulary.offered(vocabulary.metric_names)
    likely = (*_OF_SALES, *_WELL_KNOWN) if _SELLING.search(words.text) else _WELL_KNOWN
    ids = [metric for metric in dict.fromkeys(likely) if metric in offered] or offered
    return question_error(
        "missing_kpi",
        choices=lambda language: ", ".join(vocabulary.described(metric, language) for metric in ids[:_MOST_CHOICES]),
        suggestions=[f"{metric} {' '.join(words.source.split())}" for metric in ids[:_MOST_CHOICES]],
    )


def ambiguous(  # noqa: PLR0913, PLR0917 - the phrase, its KPIs, and what is left where one of them has no such split
    words: Wording,
    segment: Segment[Part],
    ids: Sequence[str],
    vocabulary: Vocabulary,
    answers: Answers,
    days: str = "",
) -> QuestionError:
    """A phrase that several KPIs go by; one that cannot be asked as the question is worded is offered for its days."""
    language = language_of(words.text[segment.start : segment.end])
    ids = vocabulary.offered(ids) or ids
    return question_error(
        "ambiguous",
        word=words.typed(segment.start, segment.end),
        choices=lambda language: _either(ids, vocabulary, language),
        suggestions=[
            whole if answers(whole) else f"{name} {days}".strip()
            for name in (vocabulary.words_for(metric, language) for metric in ids)
            for whole in (words.replaced(segment.start, segment.end, name),)
        ],
    )


def wasteful(words: Wording, segment: Segment[Part], vocabulary: Vocabulary) -> QuestionError:
    """What wastes money, by no KPI: the worst by each of those that may be meant."""
    language = language_of(words.text)
    ids = vocabulary.offered([metric for metric in _OF_WASTE if metric in vocabulary.metric_names])
    worst = _WORST[language]
    return question_error(
        "ambiguous",
        word=words.typed(segment.start, segment.end),
        choices=lambda language: _either(ids, vocabulary, language),
        suggestions=[
            words.replaced(segment.start, segment.end, f"{worst} {vocabulary.words_for(metric, language)}")
            for metric in ids
        ],
    )


def priced(words: Wording, segment: Segment[Part], vocabulary: Vocabulary) -> QuestionError:
    """What is cheap or dear, of a KPI that is no money: what costs may be meant."""
    ids = vocabulary.offered([metric for metric in _OF_PRICES if metric in vocabulary.metric_names])
    language = language_of(words.text)
    return question_error(
        "ambiguous",
        word=words.typed(segment.start, segment.end),
        choices=lambda language: _either(ids, vocabulary, language),
        suggestions=[
            words.replaced(segment.start, segment.end, vocabulary.words_for(metric, language)) for metric in ids
        ],
    )


def too_much(words: Wording, segments: Sequence[Segment[Part]]) -> QuestionError:
    """Two parts of which a question takes one, such as two KPIs."""
    first, second = segments[0], next(other for other in segments[1:] if other.meanings != segments[0].meanings)
    suggestions = [words.replaced(*_with_and(words.text, other), "") for other in (second, first)]
    return question_error(
        "too_much",
        first=words.typed(first.start, first.end),
        second=words.typed(second.start, second.end),
        choices=" / ".join(suggestions),
        suggestions=suggestions,
    )


def part_against(words: Wording, place: Place, dimension: str) -> QuestionError:
    """A part of the data held against another: a split shows both."""
    split = words.replaced(*place, f"by {dimension}")
    return question_error("part_against", word=words.typed(*place), choices=split, suggestions=[split])


def _with_and(text: str, segment: Segment[Part]) -> Place:
    """The place of a part together with the word that joins it to another."""
    if before := _AND_BEFORE.search(text, 0, segment.start):
        return before.start(), segment.end
    after = _AND_AFTER.match(text, segment.end)
    return segment.start, after.end() if after else segment.end


def language_of(text: str) -> str:
    """The language of a phrase by its letters."""
    if any("가" <= character <= "힣" for character in text):
        return "ko"
    return "zh-TW" if any(is_cjk(character) for character in text) else "en"


def _is_split(cut: Sequence[Segment[Part]], segment: Segment[Part]) -> bool:
    """Whether it follows a "by", or is followed by 별."""
    neighbours = [
        *((before, "by") for before, after in pairwise(cut) if after == segment),
        *((after, "by_after") for before, after in pairwise(cut) if before == segment),
    ]
    return any(part.kind == kind for neighbour, kind in neighbours for part in neighbour.meanings)


def nearest_error(  # noqa: PLR0913 - the words, all that they are read by, and how sure it must be
    words: Wording,
    cut: Sequence[Segment[Part]],
    unread: Sequence[Segment[Part]],
    vocabulary: Vocabulary,
    answers: Answers,
    *,
    sure: bool = False,
) -> QuestionError | None:
    """The KPIs that come nearest to a thing that none counts."""
    from kpi_core.questions.nearest.uncounted import nearest

    near = nearest(words.text, unread, vocabulary.offered(vocabulary.metric_names), sure=sure)
    if near is None:
        return None
    start, end, ids = near
    language = language_of(words.text)
    days = " ".join(
        words.typed(part.start, part.end) for part in cut if any(meaning.period for meaning in part.meanings)
    )
    names = [vocabulary.words_for(metric, language) for metric in ids]
    return question_error(
        "unknown_kpi",
        word=words.typed(start, end),
        choices=lambda language: _either(ids, vocabulary, language),
        suggestions=[
            whole if not sure and answers(whole) else f"{name} {days}".strip()
            for name in names
            for whole in (words.replaced(start, end, name),)
        ],
    )


def _unknown_kpi(words: Wording, unread: Sequence[Segment[Part]], vocabulary: Vocabulary) -> QuestionError:
    for start, end in _pieces(words, unread):
        phrases = _near_metrics(words.text[start:end], vocabulary)
        if phrases:
            return _no_kpi_called(words, (start, end), phrases, vocabulary)
    error = _no_kpi_called(words, (unread[-1].start, unread[-1].end), (), vocabulary)
    # What stands there may be the part of a number that nobody named: "how is facebook doing".
    offered = vocabulary.offered(metric for metric in _OF_PARTS if metric in vocabulary.metric_names)
    error.suggestions = tuple(f"{metric} {' '.join(words.source.split())}" for metric in offered)
    return error


def _joined(cut: Sequence[Segment[Part]], unread: Sequence[Segment[Part]]) -> Iterator[Segment[Part]]:
    """From the first to the last unread piece, where only small words stand between: "cost per aquisition"."""
    first, last = cut.index(unread[0]), cut.index(unread[-1])
    between = {part.kind for segment in cut[first : last + 1] for part in segment.meanings}
    if first < last and between <= {"filler", "by", "by_after", "dimension"}:
        yield Segment(unread[0].start, unread[-1].end)


def _near_metrics(piece: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The KPI phrases with a word that begins like this, shortest first, and those spelt like it."""
    # Shorter beginnings stand in too many names to suggest any.
    long_enough = len(piece) >= (3 if piece.isascii() else 2)
    phrases = vocabulary.offered_phrases()
    holding = [phrase for phrase in phrases if long_enough and _has_word(phrase, piece)]
    alike = did_you_mean(piece, phrases)
    return tuple(dict.fromkeys((*sorted(holding, key=len)[:_MOST_CHOICES], *alike)))


def _has_word(phrase: str, beginning: str) -> bool:
    place = phrase.find(beginning)
    return place >= 0 and ends_word(phrase, place)


def _no_kpi_called(words: Wording, place: Place, phrases: Sequence[str], vocabulary: Vocabulary) -> QuestionError:
    by_metric: dict[str, str] = {}
    for phrase in phrases:
        for metric in vocabulary.offered(vocabulary.metrics[phrase]):
            by_metric.setdefault(metric, _words_to_offer(phrase, metric, vocabulary))
    ids = list(by_metric)[:_MOST_CHOICES]
    return question_error(
        "unknown_kpi",
        word=words.typed(*place),
        hint="" if ids else "unknown_kpi_far_hint",
        choices=lambda language: _either(ids, vocabulary, language),
        suggestions=[words.replaced(*place, by_metric[metric]) for metric in ids],
    )


def _either(ids: Sequence[str], vocabulary: Vocabulary, language: str) -> str:
    return either([vocabulary.described(metric, language) for metric in ids])(language) if ids else ""


def _words_to_offer(phrase: str, metric: str, vocabulary: Vocabulary) -> str:
    """Words to offer for a KPI found by a phrase: its id, the phrase as the catalogue writes it, or its name."""
    if phrase == metric:
        return metric
    if vocabulary.metrics[phrase] == (metric,):
        return vocabulary.display.get(phrase, phrase)
    return vocabulary.words_for(metric, language_of(phrase))


def _unknown_other(
    words: Wording, cut: Sequence[Segment[Part]], segment: Segment[Part], vocabulary: Vocabulary, answers: Answers
) -> Exception:
    """A word beside a KPI: what it is nearest to, as long as the question would then be answered."""
    place, token = _with_kpi(cut, segment), _token(words, segment)
    guesses = () if _ASKS_MORE.search(plain(token)) else _guesses(words, segment, place, vocabulary)
    for error in guesses:
        if any(answers(suggestion) for suggestion in error.suggestions):
            return error
    if _DATED.search(plain(token)):
        return unknown_period(token, (), ())
    return question_error(
        "unknown_word",
        word=token,
        choices=lambda language: ", ".join(EXAMPLES[language][:_MOST_CHOICES]),
        suggestions=[_without_unread(words, cut)],
    )


def _without_unread(words: Wording, cut: Sequence[Segment[Part]]) -> str:
    """The question without what could not be read: for the asker to choose, and never taken in silence."""
    text = words.source
    for segment in reversed(cut):
        if not segment.meanings:
            text = f"{text[: words.places[segment.start]]} {text[words.places[segment.end - 1] + 1 :]}"
    return " ".join(text.split())


def _guesses(words: Wording, segment: Segment[Part], place: Place, vocabulary: Vocabulary) -> Iterator[QuestionError]:
    for start, end in _pieces(words, [segment]):
        piece = words.text[start:end]
        # Of three letters two make too many words: "not" is no November.
        periods = similar_periods(piece) if len(piece) > 3 or not piece.isascii() else ()
        nearest = did_you_mean(piece, [*periods, *vocabulary.dimensions, *vocabulary.metrics], limit=1, least=_LIKELY)
        if nearest and nearest[0] in periods:
            suggestions = [words.replaced(start, end, period) for period in periods]
            yield unknown_period(words.typed(start, end), periods, suggestions)
        elif nearest and nearest[0] in vocabulary.dimensions:
            yield unknown_dimension(words, start, end, vocabulary)
        elif nearest or _near_metrics(piece, vocabulary):
            yield _no_kpi_called(words, place, _near_metrics(words.text[slice(*place)], vocabulary), vocabulary)
    whole = words.text[slice(*place)]
    if len(whole) <= _LONGEST_WORD and (alike := did_you_mean(whole, vocabulary.metrics, least=_SURE)):
        yield _no_kpi_called(words, place, alike, vocabulary)


def _token(words: Wording, segment: Segment[Part]) -> str:
    """What was typed there; of what a mark begins all that was typed around it: 2026-02-30."""
    typed = words.typed(segment.start, segment.end)
    if typed[:1].isalnum():
        return typed
    start, end = words.places[segment.start], words.places[segment.end - 1] + 1
    while start > 0 and not words.source[start - 1].isspace():
        start -= 1
    while end < len(words.source) and not words.source[end].isspace():
        end += 1
    return words.source[start:end]


def _with_kpi(cut: Sequence[Segment[Part]], segment: Segment[Part]) -> Place:
    """An unread piece together with the KPI beside it: of "revenue growht" both words are meant."""
    for before, after in pairwise(cut):
        other = after if before == segment else before if after == segment else None
        if other and any(part.kind == "kpi" for part in other.meanings):
            return before.start, after.end
    return segment.start, segment.end


def _pieces(words: Wording, unread: Sequence[Segment[Part]]) -> Iterator[Place]:
    """Each unread piece as a whole, then its words."""
    whole = [(segment.start, segment.end) for segment in unread]
    yield from (place for place in whole if place[1] - place[0] <= _LONGEST_WORD)
    for start, end in whole[:_MOST_CHOICES]:
        ends = sorted({start, end, *(at for at in words.breaks if start < at < end)})
        pieces = [(first, last) for first, last in pairwise(ends) if words.text[first:last].strip()]
        # The first eight words only: each is compared with every name of the workspace.
        if len(pieces) > 1:
            yield from (place for place in pieces[:8] if place[1] - place[0] <= _LONGEST_WORD)
