"""What the product says, in the reader's language: `locale/<language>.yaml` holds one sentence a key.

Faces call `say`; values that travel inside an Answer are Notices, said only at the rim.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from kpi_core.cache import kept

Param = str | int | float


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence to be said: its key and what fills it; what is itself said in several languages is a mapping."""

    key: str
    params: Mapping[str, Param | Mapping[str, str]] = field(default_factory=dict)


def say(language: str, key: str, /, **params: Param) -> str:
    """The sentence of `key` in `language`, filled; English where a language lacks it. KeyError for an unknown key."""
    sentence = _sentences(language).get(key) or _sentences("en")[key]
    return sentence.format(**params)


def say_notice(language: str, notice: Notice) -> str:
    return say(language, notice.key, **{name: in_language(value, language) for name, value in notice.params.items()})


def in_language(value: Param | Mapping[str, str], language: str) -> Param:
    """What fills a sentence, in its language where there is a choice, else in English."""
    return value if isinstance(value, Param) else value.get(language) or value["en"]


def knows(key: str) -> bool:
    """Whether there is a sentence of that key."""
    return key in _sentences("en")


@cache
def _sentences(language: str) -> Mapping[str, str]:
    """Dotted keys -> sentences of one language; empty for a language without a file."""
    return kept("sentences", language, lambda: _read(language))


def _read(language: str) -> dict[str, str]:
    import yaml

    source = Path(__file__).parent / "locale" / f"{language}.yaml"
    if not source.is_file():
        return {}
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return _flat(yaml.load(source.read_text("utf-8"), Loader=loader))  # noqa: S506 - both are safe loaders


def _flat(node: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in node.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = str(value)
    return flat
