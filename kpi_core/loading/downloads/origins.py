"""From which columns of a source the columns of a query are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp


def origins(query: str, columns: Iterable[str]) -> Callable[[str], list[str]]:
    """By the name of a column of the query: the columns of the source that its values come from, as they are spelled.

    What is named alike in two parts of a query is not told apart; a query that cannot be read has no origins.
    """
    spelled = {name.casefold(): name for name in columns}
    made_of = _projections(query)

    def origin(name: str) -> list[str]:
        reached, waiting = {name.casefold()}, [name.casefold()]
        while waiting:
            for column in made_of.get(waiting.pop(), ()):
                if column not in reached:
                    reached.add(column)
                    waiting.append(column)
        return sorted(spelled[column] for column in reached if column in spelled)

    return origin


def _projections(query: str) -> dict[str, set[str]]:
    """The names in each projection of a query and of its parts, by the name that it gets."""
    import sqlglot
    from sqlglot import exp

    made_of: dict[str, set[str]] = {}
    try:
        tree = sqlglot.parse_one(query, dialect="duckdb")
    except sqlglot.errors.SqlglotError:
        return {}
    for select in tree.find_all(exp.Select):
        for projection in select.expressions:
            made_of.setdefault(projection.alias_or_name.casefold(), set()).update(_names(projection))
    return made_of


def _names(projection: exp.Expression) -> set[str]:
    from sqlglot import exp

    return {column.name.casefold() for column in projection.find_all(exp.Column)}
