"""SQL with places for values. The places are known from the tree that the text was made of, never looked for in it.

Own SQL in a definition may hold anything that looks like a place: a colon in '09:00', a cast, a dollar in a comment.
"""

from __future__ import annotations

from collections.abc import Callable

from kpi_core.frozen_dataclass import frozen

_MARK = "\0"
"""Around a name while a text is put together: it cannot stand in a file of definitions."""


@frozen
class Sql:
    """A query: texts, and between each two of them the name of a value."""

    pieces: tuple[str, ...]

    @property
    def text(self) -> str:
        """The query as DuckDB reads it and as people are shown it: `$name` for each value."""
        return self.rendered(lambda name: f"${name}", str)

    @property
    def names(self) -> tuple[str, ...]:
        """The values it takes, each once."""
        return tuple(dict.fromkeys(self.pieces[1::2]))

    def rendered(self, place: Callable[[str], str], text: Callable[[str], str]) -> str:
        """The query for a driver: `place` writes what stands for a value, `text` what stands between."""
        return "".join(place(piece) if number % 2 else text(piece) for number, piece in enumerate(self.pieces))


def place_of(name: str) -> str:
    """The place of a value, within a text that `placed` reads."""
    return f"{_MARK}{name}{_MARK}"


def placed(text: str) -> Sql:
    """The query that a text with places stands for."""
    return Sql(tuple(text.split(_MARK)))


def renamed(text: str, prefix: str) -> str:
    """A text with places, all of them with a prefix before their names."""
    return _MARK.join(f"{prefix}{piece}" if number % 2 else piece for number, piece in enumerate(text.split(_MARK)))


def text_of(sql: Sql | str) -> str:
    """A query as DuckDB reads it."""
    return sql if isinstance(sql, str) else sql.text
