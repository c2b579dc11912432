"""The filters of a question: `where channel=search,social`, 채널=search, campaign="Spring Sale"."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence

from kpi_core.errors import QuestionError, did_you_mean
from kpi_core.frozen_dataclass import frozen
from kpi_core.query import Filter
from kpi_core.questions.errors import either, question_error
from kpi_core.questions.vocabulary import Vocabulary
from kpi_core.questions.wording import QUOTED, Wording, ends_word, plain
from kpi_core.sql.spelling import folded

# A word must follow "is": "what channel is" has no value, and no filter.
_IS = re.compile(r"==?|≠| is(?:nt| not| n t|n t)? (?=\S)")
_END = re.compile(r"$|[\s,=≠]|[-_/](?=\w)|[?!.;:。？！]+(?=\s|$)|(?=[^\W\d_a-zA-Z])")
"""Where a value ends: before a gap, the next word, the end of the sentence, a letter of no alphabet (검색은)."""
_WORD = re.compile(r"[^\s,=≠]*")
_WITHOUT_VALUE = frozenset({"none", "없음", "無", "无", "null", "empty"})
_YES_OR_NO = {"true": ("yes", "예", "네", "참", "是"), "false": ("no", "아니요", "아니오", "거짓", "否")}
_MOST_CHOICES = 5


@frozen
class PlacedFilter:
    """A filter and its place in the plain text."""

    start: int
    end: int
    filter: Filter


def find_filters(words: Wording, vocabulary: Vocabulary) -> list[PlacedFilter]:
    """All filters, those of one dimension still apart. QuestionError for a dimension or a value that is not known."""
    filters: list[PlacedFilter] = []
    position = 0
    while head := _next_head(words, vocabulary, position):
        start, position, dimension, excludes = head
        reader = _ValueReader(words, vocabulary, dimension)
        try:
            values, position = reader.read(position)
        except QuestionError as error:
            # "Which channel is worst" names no value; "channel is serch" nearly does.
            if words.text[position - 1] == " " and error.params["hint"].endswith("far_hint"):
                continue
            raise
        filters.append(PlacedFilter(start, position, Filter(dimension, values, excludes)))
    return filters


def merged(filters: Iterable[Filter]) -> tuple[Filter, ...]:
    """One filter a dimension, and one for what it leaves out, in the order of the question."""
    values: dict[tuple[str, bool], dict[str | None, None]] = {}
    for clause in filters:
        values.setdefault((clause.dimension, clause.excludes), {}).update(dict.fromkeys(clause.values))
    return tuple(Filter(dimension, tuple(members), excludes) for (dimension, excludes), members in values.items())


def _next_head(words: Wording, vocabulary: Vocabulary, position: int) -> tuple[int, int, str, bool] | None:
    """The next `<dimension>=` or `!=`: where it starts, where its values do, the dimension, whether it excludes."""
    for match in _IS.finditer(words.text, position):
        place = _dimension_before(words.text, match.start(), position, vocabulary)
        if place is not None:
            excludes = match[0].strip() not in {"=", "==", "is"}
            return place, match.end(), vocabulary.dimensions[words.text[place : match.start()]], excludes
        # "is" without a dimension is an ordinary word ("what is cac"), "=" is none.
        if match[0][0] in "=≠":
            raise _unknown_dimension(words, match.start(), position, vocabulary)
    return None


def _dimension_before(text: str, end: int, position: int, vocabulary: Vocabulary) -> int | None:
    # The farthest start first, so that the longest name wins: "landing page" before "page".
    starts = range(max(position, end - 40), end)
    return next((at for at in starts if ends_word(text, at) and text[at:end] in vocabulary.dimensions), None)


def _unknown_dimension(words: Wording, end: int, position: int, vocabulary: Vocabulary) -> Exception:
    start = end
    while start > position and start not in words.breaks and words.text[start - 1] not in " ,=≠":
        start -= 1
    return unknown_dimension(words, start, end, vocabulary)


def unknown_dimension(words: Wording, start: int, end: int, vocabulary: Vocabulary) -> QuestionError:
    """No dimension of that name; suggests the questions with one that is."""
    near = did_you_mean(words.text[start:end][:60], vocabulary.dimensions)
    ids = tuple(dict.fromkeys(vocabulary.dimensions[phrase] for phrase in near))
    candidates = ids or tuple(vocabulary.dimension_names)
    return question_error(
        "unknown_dimension",
        word=words.typed(start, end) or "=",
        hint="" if ids else "unknown_dimension_far_hint" if candidates else "no_dimension_hint",
        choices=lambda language: either([_name(vocabulary, dimension, language) for dimension in candidates])(language),
        suggestions=[words.replaced(start, end, dimension) for dimension in ids] if start < end else (),
    )


def _name(vocabulary: Vocabulary, dimension: str, language: str) -> str:
    names = vocabulary.dimension_names.get(dimension, {})
    return names.get(language) or names.get("en") or dimension


class _ValueReader:
    """Reads the values of one dimension. A member is called by any spelling of it, signs included.

    Where no member is called just so, hyphens, points and the like within a name do not matter: spring_sale is
    "Spring Sale". Signs at its ends always do: `A-` is not `A`.
    """

    def __init__(self, words: Wording, vocabulary: Vocabulary, dimension: str) -> None:
        self._words, self._vocabulary, self._dimension = words, vocabulary, dimension
        self._spelled: dict[str, list[str]] = {}
        self._members: dict[str, list[str]] = {}
        for member in vocabulary.values(dimension):
            if member is not None:
                spelling = _spelling(member)
                self._spelled.setdefault(spelling, []).append(member)
                if spelling and spelling[0].isalnum() and spelling[-1].isalnum():
                    self._members.setdefault(plain(member), []).append(member)
        if self._spelled and self._spelled.keys() <= _YES_OR_NO.keys():
            self._members |= {word: self._members[value] for value in self._spelled for word in _YES_OR_NO[value]}
        self._longest = max(map(len, self._members), default=0)
        self._longest_spelled = max(map(len, self._spelled), default=0)

    def read(self, position: int) -> tuple[tuple[str | None, ...], int]:
        """The values from a position on, and where they end."""
        values: dict[str | None, None] = {}
        while True:
            members, position = self._value(position)
            values |= dict.fromkeys(members)
            following = position + 1
            # A comma may also end the filter: "channel=search, region=Seoul", or a question that closes with one.
            if self._words.text[position:following] != "," or self._another_filter(following):
                return tuple(values), position
            position = following

    def _another_filter(self, position: int) -> bool:
        head = _IS.search(self._words.text, position)
        if not head:
            return position >= len(self._words.text)
        return _dimension_before(self._words.text, head.start(), position, self._vocabulary) == position

    def _value(self, position: int) -> tuple[Sequence[str | None], int]:
        text = self._words.text
        if position < len(text) and QUOTED <= ord(text[position]) < QUOTED + len(self._words.quotes):
            quoted = self._words.quotes[ord(text[position]) - QUOTED]
            return self._members_called(quoted, position, position + 1), position + 1
        spelled = self._spelled_from(position)
        if spelled:
            return spelled
        begins = self._typed_from(position)[:1].isalnum()
        # The longest member first: "google shopping" is one value where there is such a one.
        for end in range(min(len(text), position + self._longest), position, -1):
            if begins and text[position:end] in self._members and self._closes(end):
                return self._members[text[position:end]], end
        end = self._word_end(position)
        return self._members_called(self._typed_word(position, end), position, end), end

    def _spelled_from(self, position: int) -> tuple[Sequence[str], int] | None:
        """The longest member whose very spelling begins here, and where it ends."""
        typed = self._typed_from(position)
        start = len(self._words.source) - len(typed)
        for length in range(min(len(typed), 2 * self._longest_spelled), 0, -1):
            members = self._spelled.get(folded(typed[:length])) if not typed[length - 1].isspace() else None
            if members and self._ends(start + length):
                return members, bisect_left(self._words.places, start + length, position)
        return None

    def _typed_from(self, position: int) -> str:
        """What the writer typed from a position on."""
        return self._words.source[self._words.places[position - 1] + 1 :].lstrip()

    def _typed_word(self, position: int, end: int) -> str:
        """What the writer typed for a value that is no member, its signs included."""
        typed = self._typed_from(position)
        length = self._words.places[end - 1] + 1 + len(typed) - len(self._words.source) if end > position else 0
        word = typed[:length] + _WORD.match(typed, length)[0]  # type: ignore[index]  # matches nothing, too
        return word.rstrip("?!.;:。？！") or word

    def _closes(self, end: int) -> bool:
        return ends_word(self._words.text, end) and self._ends(self._words.places[end - 1] + 1)

    def _ends(self, place: int) -> bool:
        """Whether a value may end before a place of the source: no word, number or sign goes on there."""
        return bool(_END.match(self._words.source, place)) and ends_word(self._words.source, place)

    def _word_end(self, position: int) -> int:
        text, end = self._words.text, position
        while end < len(text) and text[end] not in " ,=≠" and (end == position or end not in self._words.breaks):
            end += 1
        return end

    def _members_called(self, typed: str, start: int, end: int) -> Sequence[str | None]:
        spelling = _spelling(typed)
        phrase = plain(typed)
        if spelling in self._spelled:
            return self._spelled[spelling]
        if spelling and spelling[0].isalnum() and spelling[-1].isalnum() and phrase in self._members:
            return self._members[phrase]
        if phrase in _WITHOUT_VALUE:
            return (None,)
        if not self._spelled and phrase:
            # Without data nothing says which values there are; the answer will say that there is none.
            return (typed,)
        raise self._unknown(phrase, typed, start, end)

    def _unknown(self, phrase: str, typed: str, start: int, end: int) -> Exception:
        members = {plain(each): each for values in self._spelled.values() for each in reversed(values)}
        near = [members[form] for form in did_you_mean(phrase[:60], members)] if phrase else []
        candidates = near or [values[0] for values in self._spelled.values()][:_MOST_CHOICES]
        vocabulary, dimension = self._vocabulary, self._dimension
        return question_error(
            "unknown_value",
            word=typed,
            dimension=lambda language: _name(vocabulary, dimension, language),
            hint="" if near else "unknown_value_far_hint",
            choices=either(candidates),
            suggestions=[self._words.replaced(start, end, _quoted(value)) for value in candidates]
            if start < end
            else (),
        )


def _spelling(text: str) -> str:
    return folded(unicodedata.normalize("NFKC", text))


def _quoted(value: str) -> str:
    return f'"{value}"' if re.search(r"[\s,=\"“”]", value) else value


def bare_value(words: Wording, start: int, end: int, vocabulary: Vocabulary) -> QuestionError | None:
    """What to say about a word that is a value without its dimension; None when it is no value."""
    phrase = words.text[start:end]
    dimensions: dict[str, list[str]] = {}
    for dimension in vocabulary.dimension_names:
        members = [member for member in vocabulary.values(dimension) if member and plain(member) == phrase]
        if members:
            dimensions[dimension] = members
    return several_values(words, (start, end), dimensions) if dimensions else None


def several_values(words: Wording, place: tuple[int, int], dimensions: Mapping[str, Iterable[str]]) -> QuestionError:
    """What to say about a word that is a value of these dimensions."""
    filters = [f"{dimension}={_quoted(member)}" for dimension, members in dimensions.items() for member in members]
    filters = filters[:_MOST_CHOICES]
    suggestions = [words.replaced(*place, written) for written in filters]
    return question_error("bare_value", word=words.typed(*place), choices=either(filters), suggestions=suggestions)


def value_of(words: Wording, place: tuple[int, int, int], dimension: str, vocabulary: Vocabulary) -> Exception | None:
    """What to say about a value after its dimension without "=", both from `place`: the start, the value, the end.

    None where nothing is known of the dimension's values.
    """
    start, value, end = place
    members = {plain(member): member for member in vocabulary.values(dimension) if member is not None}
    if not members:
        return None
    phrase = words.text[value:end].strip()
    near = [phrase] if phrase in members else did_you_mean(phrase[:60], members)
    candidates = [f"{dimension}={_quoted(members[form])}" for form in near or list(members)[:_MOST_CHOICES]]
    suggestions = [words.replaced(start, end, written) for written in candidates]
    if phrase in members:
        return question_error(
            "bare_value", word=words.typed(value, end), choices=either(candidates), suggestions=suggestions
        )
    return question_error(
        "unknown_value",
        word=words.typed(value, end),
        dimension=lambda language: _name(vocabulary, dimension, language),
        hint="" if near else "unknown_value_far_hint",
        choices=either(candidates),
        suggestions=suggestions,
    )


def filter_places(filters: Sequence[PlacedFilter]) -> Iterator[tuple[int, int]]:
    return ((placed.start, placed.end) for placed in filters)
