"""Which patterns can match a text at all, told without compiling them.

Compiling the grammar's patterns takes longer than all the rest of `kpi ask`, and a question uses a handful. So of each
pattern is known what a text must hold for it: pieces of text, one of each set. Where nothing is
known of a pattern it may match anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from kpi_core.frozen_dataclass import frozen
from kpi_core.questions.number_words import NUMBER

Needs = list[frozenset[str]]
"""Of each set at least one piece must be in the text."""
_DIGIT = "\0digit"
"""The piece that stands for any digit."""


@frozen
class Index:
    """Patterns by what they need, so that a text is looked through once for all of them.

    Sets and patterns go by their numbers; a set that several patterns need is one.
    """

    patterns: tuple[str, ...]
    sets_of_piece: Mapping[str, Sequence[int]]
    patterns_of_set: Sequence[Sequence[int]]
    counts: Sequence[int]
    """How many sets each pattern needs."""
    pieces_by_start: Mapping[str, Sequence[str]]
    """The pieces by their first two characters."""


def index_of(needs: Mapping[str, Needs]) -> Index:
    """The index of patterns that are given with what each needs."""
    numbers: dict[frozenset[str], int] = {}
    patterns_of_set: list[list[int]] = []
    counts: list[int] = []
    for pattern, sets in enumerate(needs.values()):
        different = set(sets)
        counts.append(len(different))
        for pieces in different:
            number = numbers.setdefault(pieces, len(numbers))
            patterns_of_set += [[]] if number == len(patterns_of_set) else []
            patterns_of_set[number].append(pattern)
    sets_of_piece: dict[str, list[int]] = {}
    for pieces, number in numbers.items():
        for piece in pieces:
            sets_of_piece.setdefault(piece, []).append(number)
    by_start: dict[str, list[str]] = {}
    for piece in sets_of_piece:
        by_start.setdefault(piece[:2], []).append(piece)
    return Index(tuple(needs), sets_of_piece, patterns_of_set, counts, by_start)


def unopposed(index: Index, text: str) -> list[str]:
    """The patterns that may match somewhere in a plain text."""
    haystack = text + _DIGIT if any(character.isdecimal() for character in text) else text
    starts = {*haystack, *map("".join, pairwise(haystack))}
    pieces = [piece for start in starts for piece in index.pieces_by_start.get(start, ()) if piece in haystack]
    open_sets = list(index.counts)
    for number in {number for piece in pieces for number in index.sets_of_piece[piece]}:
        for pattern in index.patterns_of_set[number]:
            open_sets[pattern] -= 1
    return [pattern for pattern, still in zip(index.patterns, open_sets, strict=True) if not still]


def needed(pattern: str) -> Needs:
    """What every match of a pattern holds; NUMBER in it is any number word."""
    try:
        from re import _parser  # type: ignore[attr-defined]  # the one that knows how Python reads a pattern
    except ImportError:  # pragma: no cover  (another Python may keep it elsewhere)
        return []
    return _of_sequence(_parser.parse(pattern.replace("NUMBER", NUMBER)))


def _of_sequence(parts: Iterable[tuple[Any, Any]]) -> Needs:
    """The needs of all parts, and each run of letters as one piece."""
    needs: Needs = []
    run = ""
    for kind, value in parts:
        if str(kind) == "LITERAL":
            run += chr(value)
            continue
        needs += [frozenset({run})] if run else []
        run = ""
        needs += _of_part(str(kind), value)
    return [*needs, frozenset({run})] if run else needs


def _of_part(kind: str, value: Any) -> Needs:
    """The needs of one part of a parse tree; none where nothing certain follows (a look-around, a negation)."""
    if kind == "SUBPATTERN":
        return _of_sequence(value[-1])
    if kind in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
        # What may be there no time at all asks for nothing.
        least, _most, body = value
        return _of_sequence(body) if least else []
    if kind == "BRANCH":
        return _of_either([_of_sequence(branch) for branch in value[1]])
    if kind == "IN":
        return _of_either([_of_character(str(op), argument) for op, argument in value])
    return []


def _of_character(kind: str, value: Any) -> Needs:
    if kind == "LITERAL":
        return [frozenset({chr(value)})]
    if kind == "RANGE":
        return [frozenset(chr(code) for code in range(value[0], value[1] + 1))]
    if kind == "CATEGORY" and str(value) == "CATEGORY_DIGIT":
        return [frozenset({_DIGIT})]
    return []


def _of_either(branches: Sequence[Needs]) -> Needs:
    """One of the branches matches: a piece of any of them, each giving the set that says most."""
    # A branch that needs nothing makes the whole need nothing.
    if not all(branches):
        return []
    return [frozenset().union(*(max(branch, key=_worth) for branch in branches))]


def _worth(pieces: frozenset[str]) -> tuple[int, int]:
    """Long pieces are rare, few pieces rarer."""
    return min(len(piece) for piece in pieces), -len(pieces)
