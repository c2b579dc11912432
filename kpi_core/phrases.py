"""What the product says, in the reader's language: `locale/<language>.yaml` holds one sentence a key.

Faces call `say`; values that travel inside an Answer are Notices, said only at the rim.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from string import Formatter
from typing import Any

from kpi_core.frozen_dataclass import frozen
from kpi_core.locale import sentences

Param = str | int | float


@frozen
class Notice:
    """A sentence to be said: its key and what fills it; what is itself said in several languages is a mapping."""

    key: str
    params: Mapping[str, Param | Mapping[str, str]] = field(default_factory=dict)


def say(language: str, key: str, /, **params: Param) -> str:
    """The sentence of `key` in `language`, filled; English where a language lacks it. KeyError for an unknown key.

    `{count:row is|rows are}` says the words before the bar where `count` is 1, else those after it.
    """
    # A sentence of another language is better than a failed answer; tests find the gap.
    sentence = sentences(language).get(key) or sentences("en")[key]
    if language == "en":
        return _filled(sentence, params)
    from kpi_core.locale.fitted_words import fitted, marked

    return fitted(language, _filled(sentence, {name: marked(language, value) for name, value in params.items()}))


def _filled(sentence: str, params: Mapping[str, Param]) -> str:
    return _NUMBERED.vformat(sentence, (), params) if "|" in sentence else sentence.format(**params)


def listed(language: str, words: Iterable[str]) -> str:
    """Words one after the other, with the comma of the language."""
    return say(language, "value.comma").join(words)


class _Numbered(Formatter):
    """Words that go with a number: `row|rows`."""

    def format_field(self, value: Any, format_spec: str) -> str:
        one, bar, many = format_spec.partition("|")
        if not bar:
            return str(super().format_field(value, format_spec))
        return one if str(value) == "1" else many


_NUMBERED = _Numbered()


def in_language(value: Param | Mapping[str, str], language: str) -> Param:
    """What fills a sentence, in its language where there is a choice, else in English."""
    return value if isinstance(value, Param) else value.get(language) or value["en"]


def knows(key: str) -> bool:
    """Whether there is a sentence of that key."""
    return key in sentences("en")
