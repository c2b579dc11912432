"""A question with a word spelt wrongly, spelt as it was meant: the few words that are one slip away."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice, product

from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import Notice
from kpi_core.query import MetricQuery
from kpi_core.questions.fillers.little_korean import PARTICLES
from kpi_core.questions.period_words import period_names
from kpi_core.questions.vocabulary import Vocabulary
from kpi_core.questions.wording import Wording, is_cjk, plain

Place = tuple[int, int]
_MOST_WORDS = 2
_MOST_READINGS = 12
_LONGEST = 40
_SHORTEST = 5
"""Letters, of Korean its single ones: shorter words are a slip away from too many others."""
_TWO_SLIPS = 9
"""From so many letters on two may be wrong."""


@frozen
class Corrected:
    """`question` in full; `typed` and `meant` are the words that differ."""

    question: str
    typed: str
    meant: str


def spelt_right(
    words: Wording, unread: Sequence[Place], vocabulary: Vocabulary, reading: Callable[[str], MetricQuery | None]
) -> MetricQuery | None:
    """The one question that is meant where each word is spelt right; it says so. None where several may be meant."""
    by_query: dict[MetricQuery, Corrected] = {}
    for correction in corrections(words, unread, vocabulary):
        if query := reading(correction.question):
            by_query.setdefault(query, correction)
    if len(by_query) != 1:
        return None
    ((query, correction),) = by_query.items()
    notice = Notice("reading.spelt", {"typed": correction.typed, "meant": correction.meant})
    return replace(query, assumed=(notice, *query.assumed))


def corrections(words: Wording, unread: Sequence[Place], vocabulary: Vocabulary) -> Iterator[Corrected]:
    """The question with each word that could not be read put right, in every way that is as near as any other."""
    places = list(dict.fromkeys(place for start, end in unread for place in _words_at(words, start, end)))
    if not places or len(places) > 2 * _MOST_WORDS:
        return
    known = _known_words(vocabulary)
    # "Revenu last quater": a word that exists stands as it is, beside those that do not.
    places = [place for place in places if len(places) == 1 or words.text[slice(*place)] not in known]
    if not places or len(places) > _MOST_WORDS:
        return
    near = [list(_near(words.text[slice(*place)], known)) for place in places]
    for meant in islice(product(*near), _MOST_READINGS):
        typed = " ".join(words.typed(*place) for place in places)
        text = words.source
        for (start, end), (length, word) in sorted(zip(places, meant, strict=True), reverse=True):
            first, last = words.places[start], words.places[end - 1] + 1
            # What follows a Korean word without a space stays: 매츌은.
            rest = words.typed(start + length, end) if start + length < end else ""
            text = f"{text[:first]}{word}{rest}{text[last:]}"
        yield Corrected(text, typed, " ".join(word for _length, word in meant))


def _words_at(words: Wording, start: int, end: int) -> Iterator[Place]:
    """The whole words that a piece is of."""
    text, breaks = words.text, words.breaks
    first = start
    while first > 0 and first not in breaks and text[first - 1] not in " ,~":
        first -= 1
    for place in range(first, len(text) + 1):
        if place == len(text) or (place > first and place in breaks) or text[place] in " ,~":
            if place > first and text[first:place].strip():
                yield first, place
            if place >= end:
                return
            first = place + (text[place] == " ")


def _known_words(vocabulary: Vocabulary) -> list[str]:
    """Every word and phrase that a question may hold, of an alphabet."""
    members = [member for dimension in vocabulary.dimension_names for member in vocabulary.values(dimension) if member]
    phrases = [*vocabulary.offered_phrases(), *vocabulary.dimensions, *map(plain, members), *period_names()]
    single = [word for phrase in phrases if phrase.isascii() for word in phrase.split()]
    return [word for word in dict.fromkeys((*phrases, *single)) if word]


def _near(typed: str, known: Iterable[str]) -> Iterator[tuple[int, str]]:
    """How much of what was typed is meant as a word, and which: the nearest."""
    # A digit is no slip of a letter: revenueq3.
    if len(typed) > _LONGEST or not _is_spelt(typed) or any(letter.isdigit() for letter in typed):
        return
    # Imported here: only who mistypes pays for it.
    from rapidfuzz.distance import OSA

    if typed.isascii():
        stems = [(len(typed), typed)]
    else:
        endings = [particle for particle in PARTICLES if typed.endswith(particle) and len(typed) - len(particle) > 1]
        stems = [(len(typed), typed), *((len(typed) - len(each), typed[: -len(each)]) for each in endings)]
    found: dict[int, list[tuple[int, str]]] = {}
    for length, stem in stems:
        letters = _letters(stem)
        most = 2 if len(letters) >= _TWO_SLIPS else 1
        if len(letters) < _SHORTEST:
            continue
        for word in known:
            # A first letter is seldom wrong, and the words that differ by it are seldom meant.
            if word.isascii() != stem.isascii() or _letters(word)[:1] != letters[0]:
                continue
            slips = OSA.distance(letters, _letters(word), score_cutoff=most)
            if 0 < slips <= most:
                found.setdefault(slips, []).append((length, word))
    yield from found[min(found)] if found else ()


def _is_spelt(text: str) -> bool:
    """Of letters that can be mistyped one by one; of Chinese each is a word, and another makes another word."""
    return text.isascii() or all("가" <= letter <= "힣" for letter in text if is_cjk(letter))


@lru_cache(maxsize=16_384)
def _letters(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFD", text)
