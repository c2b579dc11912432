"""Random questions on another engine: how many say what DuckDB says, how many it refuses, where it differs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from companies.any_data import NOW, Drawn, drawn, unlike

from kpi_core.answering.engine import Engine
from kpi_core.answers import Answer
from kpi_core.errors import ServiceError
from kpi_core.query import MetricQuery
from kpi_core.warehouse.door import open_warehouse

import long
from tables import CATALOG, Row, engine_on, settings

ODD = {"direct": 'd\\i`"r\te😀 $1', "search": "검색 'n' {b0:String} \\", "p3": "p3 ", "p4": "P3", "p5": "ß"}
"""What some values are spelled like: quotes, backslashes, emoji, words like places, case and ends that matter."""


class Server(Protocol):
    """Where tables are written, each time anew, and the address of them."""

    def write(self, schema: str, tables: dict[str, list[Row]], kind: str) -> None: ...

    def url(self, schema: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Compared:
    """What became of a company's questions; a refusal is told in the engine's words."""

    asked: int
    refused: tuple[str, ...]
    different: tuple[str, ...]
    unequal: int

    @property
    def equal(self) -> int:
        return self.asked - len(self.refused) - self.unequal


def oddly_spelled(any_data: Drawn) -> Drawn:
    """The same with other values, in tables and filters."""
    tables = {
        name: [{key: ODD.get(str(value), value) for key, value in row.items()} for row in rows]
        for name, rows in any_data.tables.items()
    }
    questions = [
        replace(
            query,
            filters=tuple(
                replace(clause, values=tuple(ODD.get(str(value), value) for value in clause.values))
                for clause in query.filters
            ),
        )
        for query in any_data.questions
    ]
    return replace(any_data, tables=tables, questions=questions)


def compare_many(what: str, server: Server, kinds: Sequence[str], lucks: Sequence[int]) -> list[str]:
    """Ask of as many companies as there are lucks, and count it; where the engine differs, or refuses."""
    wrong = []
    for luck in lucks:
        found = compare(oddly_spelled(drawn(luck)), server, kinds[luck % len(kinds)])
        counts = {"equal": found.equal, "refused": len(found.refused), "different": found.unequal}
        long.ran(f"random questions on {what}", found.asked, **counts)
        wrong += [f"{luck}: {each}" for each in (*found.refused, *found.different)]
    return wrong


def compare(any_data: Drawn, server: Server, kind: str) -> Compared:
    """One company's questions, all at once as far as the engine takes them."""
    server.write("drawn", dict(any_data.tables), kind)
    with _both(any_data, server) as (duck, other):
        expected = duck.answers(any_data.questions, NOW)
        refused: list[str] = []
        found = _answers(other, any_data.questions, refused)
    pairs = [(ours, theirs) for ours, theirs in zip(expected, found, strict=True) if theirs is not None]
    differences = [unlike([ours], [theirs]) for ours, theirs in pairs]
    different = tuple(line for lines in differences for line in lines)
    return Compared(len(found), tuple(refused), different, sum(bool(lines) for lines in differences))


@contextmanager
def _both(any_data: Drawn, server: Server) -> Iterator[tuple[Engine, Engine]]:
    with tempfile.TemporaryDirectory() as folder:
        duck = engine_on(Path(folder) / "kpi.duckdb", any_data.tables, calendar=any_data.calendar)
        warehouse = open_warehouse(server.url("drawn"), Path(folder))
        other = Engine(settings(calendar=any_data.calendar), CATALOG, warehouse)
        try:
            yield duck, other
        finally:
            duck.warehouse.close()
            warehouse.close()


def _answers(engine: Engine, questions: Sequence[MetricQuery], refused: list[str]) -> list[Answer | None]:
    try:
        return list(engine.answers(questions, NOW))
    except ServiceError:
        return [_answer(engine, query, refused) for query in questions]


def _answer(engine: Engine, query: MetricQuery, refused: list[str]) -> Answer | None:
    try:
        return engine.answer(query, NOW)
    except ServiceError as error:
        refused.append(f"{query.metric}: {error} {error.__cause__}")
        return None
