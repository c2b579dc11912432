"""What is said in English where it arises, in the reader's language: problems of files, settings and services.

A problem is a sentence with its names filled in already. Its English is looked up in `problem_words.yaml`, where {1}
and {2} stand for what varies; tests hold every such sentence of the code against that file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from kpi_core.cache import cached
from kpi_core.errors import Problem
from kpi_core.locale.fitted_words import fitted, marked

_PLACE = re.compile(r"\{(\d)\}")
_DEEPEST = 3


def in_words_of(language: str, english: str) -> str:
    """A sentence in a language; as it is in English, or where no sentence is known that it could be."""
    return english if language == "en" or not english else _translated(english, language, 0)


def problem_in(language: str, problem: Problem) -> Problem:
    """A problem whose message and hint are in a language."""
    message, hint = in_words_of(language, problem.message), in_words_of(language, problem.hint)
    return replace(problem, message=message, hint=hint)


def sentences_of_problems() -> Mapping[str, Mapping[str, str]]:
    """By its English: the sentence in each other language."""
    return cached("problems", "all", _read)


def _translated(english: str, language: str, depth: int) -> str:
    for template, parts in _by_length():
        is_possible = english.startswith(" ") == template.startswith(" ") and all(part in english for part in parts)
        if is_possible and (match := _pattern(template).fullmatch(english)):
            # What fills a sentence may be one of its own; a single word is a name.
            values = [
                _translated(text, language, depth + 1) if " " in text and depth < _DEEPEST else text
                for text in match.groups()
            ]
            return _filled(language, sentences_of_problems()[template].get(language, template), values)
    return english


def _filled(language: str, sentence: str, values: Sequence[str]) -> str:
    return fitted(language, _PLACE.sub(lambda place: marked(language, values[int(place[1]) - 1]), sentence))


@cache
def _by_length() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The English sentences with their parts between what varies, those that say most first."""
    parted = [(template, tuple(_PLACE.split(template)[::2])) for template in sentences_of_problems()]
    return tuple(sorted(parted, key=lambda each: -sum(map(len, each[1]))))


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = _PLACE.split(template)[::2]
    return re.compile("(.*?)".join(map(re.escape, parts)), re.DOTALL)


def _read() -> dict[str, dict[str, str]]:
    import yaml

    text = (Path(__file__).parent / "problem_words.yaml").read_text("utf-8")
    read: dict[str, dict[str, str]] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
    return read
