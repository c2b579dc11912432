"""Which channel is meant by what tools write: the firm's own list first, then the one that is shipped.

The shipped list says what the exports of tools mean. A table of the team's own keeps its words, unless kpi.yaml names
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from kpi_core.frozen_dataclass import frozen
from kpi_core.sql.spelling import folded

_DEFAULT = Path(__file__).with_name("default.yaml")


@frozen
class Written:
    """What a row says of where it came from; None where it does not."""

    channel: str | None = None
    platform: str | None = None
    source: str | None = None
    medium: str | None = None

    @property
    def text(self) -> str | None:
        """As people would write it into the list."""
        if self.channel or self.platform:
            return self.channel or self.platform
        if self.source:
            return f"{self.source} / {self.medium}" if self.medium else self.source
        return None


@frozen
class ChannelList:
    """`own`: channel -> what tools write for it, from kpi.yaml. A text with * stands for several."""

    own: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """All channels, the firm's first."""
        return tuple(dict.fromkeys((*self.own, *_shipped())))

    def name_of(self, written: Written, *, shipped: bool) -> str | None:
        """The channel that is meant; None where no list says it. `shipped`: by the shipped list, too."""
        texts = [folded(text) for text in _texts(written)]
        if (name := _first(texts, _own_entries(self.own))) is not None:
            return name
        return _by_shipped(written) if shipped else None


def _texts(written: Written) -> Iterator[str]:
    if written.channel or written.platform:
        yield written.channel or written.platform or ""
    elif written.source:
        yield f"{written.source} / {written.medium or ''}"
        yield written.source


def _own_entries(own: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(folded(text), name) for name, texts in own.items() for text in (name, *texts)]


def _first(texts: Iterable[str], entries: Iterable[tuple[str, str]]) -> str | None:
    """The name of the first entry that a text is, then of the first whose pattern it fits."""
    listed, pairs = list(texts), list(entries)
    exact = (name for text in listed for entry, name in pairs if text == entry)
    fitting = (name for text in listed for entry, name in pairs if "*" in entry and fnmatchcase(text, entry))
    return next(exact, None) or next(fitting, None)


def _by_shipped(written: Written) -> str | None:
    if written.channel:
        return _first([folded(written.channel)], _entries("written")) or _of_pair(written.channel)
    if written.platform:
        return _first([folded(written.platform)], _entries("platforms"))
    return _of_pair(f"{written.source or ''} / {written.medium or ''}") if written.source or written.medium else None


def _of_pair(text: str) -> str | None:
    return _first([folded(text)], _entries("source_medium")) if " / " in text else None


@cache
def _entries(kind: str) -> tuple[tuple[str, str], ...]:
    return tuple((folded(text), name) for name, entry in _shipped().items() for text in entry.get(kind, ()))


@cache
def _shipped() -> Mapping[str, Mapping[str, list[str]]]:
    import yaml

    groups: Mapping[str, Mapping[str, list[str]]] = yaml.safe_load(_DEFAULT.read_text("utf-8"))
    return groups
