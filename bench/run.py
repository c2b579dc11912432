"""How much an answer costs beside the SQL that one would write by hand, on the same store and in the same run.

Medians of interleaved runs, in milliseconds of processor time. Ratios carry from machine to machine, times do not.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import stores

from bot.workspace import Workspace
from kpi_core.access.operator import OPERATOR
from kpi_core.answering.layout import dimensions_of, leaves
from kpi_core.dates.periods import Period
from kpi_core.formats.answer_json import answer_json
from kpi_core.metrics import Catalog, Metric
from kpi_core.query import MetricQuery
from kpi_core.questions.parse import parse_question
from kpi_core.settings.file import read_settings

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ONE_QUERY = "import duckdb; print(duckdb.connect('kpi.duckdb', read_only=True).execute({sql!r}).fetchall())"
WINDOWS = (
    Period(date(2026, 10, 1), date(2026, 11, 1), "month"),
    Period(date(2026, 11, 1), date(2026, 11, 22)),
    Period(date(2026, 7, 1), date(2026, 10, 1), "quarter"),
    Period(date(2025, 7, 1), date(2025, 10, 1), "quarter"),
)
GROUPINGS: tuple[tuple[str, ...], ...] = ((), ("channel",), ("device",), ("channel", "device"))


@dataclass(frozen=True, slots=True)
class Race:
    """Ours and the reference, in milliseconds."""

    name: str
    ours: float
    reference: float

    def __str__(self) -> str:
        return f"{self.name:<58}{self.ours:>9.1f}{self.reference:>11.1f}{self.ours / self.reference:>8.2f} ×"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rows", type=int, default=1_000_000, help="ad rows (default a million; 100 million take minutes)"
    )
    parser.add_argument("--runs", type=int, default=9, help="of each side; the median counts (default 9)")
    parser.add_argument("--store", type=Path, help="keep the store in this folder, and use the one that is there")
    options = parser.parse_args()
    with kept_folder(options.store) as folder:
        stores.make_store(folder, options.rows)
        print(f"{options.rows:,} ad rows{'processor time, ms':>30}{'ours':>20}{'reference':>11}{'ratio':>10}")
        with duckdb.connect(str(folder / "kpi.duckdb")) as connection:
            connection.execute("DROP SCHEMA IF EXISTS rollups CASCADE")
            connection.execute("DROP TABLE IF EXISTS kpi_rollups")
        races(folder, options.runs, "from the facts")
        refresh(folder)
        races(folder, options.runs, "from day rollups")
        print(race_of_splits(folder / "split", max(5, options.runs // 2)))
        for question, queries in stores.BY_HAND.items():
            print(new_process(folder, question, queries[0], max(5, options.runs // 2)))
    print(
        "\nReference: SQL by hand for the same months and channels, without the words; for the grid a bare scan of the"
    )
    print(
        "columns it reads; for all campaigns the first 20 of them; in a new process `import duckdb`, open, one query."
    )


@contextmanager
def kept_folder(store: Path | None) -> Iterator[Path]:
    if store is not None:
        yield store
        return
    with TemporaryDirectory() as name:
        yield Path(name)


def races(folder: Path, runs: int, where: str) -> None:
    """Answers in a process that has answered before, against queries over the same open connection."""
    workspace = Workspace(read_settings(folder / "kpi.yaml"), {})
    door = workspace.door(OPERATOR)
    for question, queries in stores.BY_HAND.items():
        query = parse_question(question, door.vocabulary(), workspace.settings.calendar, door.today(NOW))
        print(race(f"{question}, {where}", workspace, [query], queries, runs))
    for kind, additive in (("KPIs", True), ("KPIs with distinct counts", False)):
        metrics = metrics_of_store(door.catalog, additive=additive)
        name = f"{len(metrics)} {kind} x {len(WINDOWS)} windows x {len(GROUPINGS)} groupings, {where}"
        print(race(name, workspace, grid_of(door.catalog, metrics), stores.GRID_SCAN, max(3, runs // 3)))
    workspace.close()


def grid_of(catalog: Catalog, metrics: Sequence[Metric]) -> list[MetricQuery]:
    """Each KPI in each window by each grouping that its tables have."""
    return [
        MetricQuery(metric.id, period, comparisons=(), dimensions=split, trended=False)
        for metric in metrics
        for period in WINDOWS
        for split in GROUPINGS
        if set(split) <= set(dimensions_of(metric, catalog))
    ]


def race(name: str, workspace: Workspace, asked: Sequence[MetricQuery], queries: Sequence[str], runs: int) -> Race:
    # By hand over the same connection: within a process DuckDB keeps one instance a file.
    def by_hand() -> None:
        for sql in queries:
            workspace.warehouse.rows(sql, {})

    door = workspace.door(OPERATOR)
    return Race(name, *processor_time(lambda: door.answers(asked, NOW), by_hand, runs))


def race_of_splits(folder: Path, runs: int) -> Race:
    """Every campaign of very many, as JSON, against `top 20`."""
    stores.make_split_store(folder)
    workspace = Workspace(read_settings(folder / "kpi.yaml"), {})
    door = workspace.door(OPERATOR)

    def asked(question: str) -> Callable[[], object]:
        query = parse_question(question, door.vocabulary(), workspace.settings.calendar, door.today(NOW))
        return lambda: json.dumps(answer_json(door.answer(query, NOW), "en"))

    name = f"roas last-month by campaign, {stores.CAMPAIGNS:,} campaigns"
    spent = processor_time(asked("roas last-month by campaign"), asked("roas last-month by campaign top 20"), runs)
    workspace.close()
    return Race(name, *spent)


def metrics_of_store(catalog: Catalog, *, additive: bool) -> list[Metric]:
    """The KPIs of the store: those of sums and counts alone, or those with something that cannot be added up."""
    found = []
    for metric in catalog.kpis():
        measured = [(catalog.models[leaf.model], leaf.measure) for leaf in leaves(metric, catalog)]
        known = all(model.name in stores.TABLES for model, _name in measured)
        sums = all(model.measures[name].additive for model, name in measured)
        if measured and known and sums == additive and metric.fallback is None:
            found.append(metric)
    return found


def processor_time(ours: Callable[[], object], reference: Callable[[], object], runs: int) -> tuple[float, float]:
    """The medians of both in turns, each tried twice before it counts."""
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs + 2):
        for side, run in zip(spent, (ours, reference), strict=True):
            started = time.process_time()
            run()
            side.append((time.process_time() - started) * 1000)
    return statistics.median(spent[0][2:]), statistics.median(spent[1][2:])


def refresh(folder: Path) -> None:
    """Building the rollups, in a process of its own so that its memory can be told."""
    for tables in (("ad_performance",), ("orders", "costs")):
        command = [sys.executable, stores.__file__, str(folder), *tables]
        outcome = subprocess.run(command, check=True, capture_output=True, text=True)
        seconds, megabytes = map(float, outcome.stdout.split())
        name = f"rollups of {' and '.join(tables)}, at most {megabytes:.0f} MB"
        print(f"{name:<58}{seconds * 1000:>9.1f}")


def new_process(folder: Path, question: str, sql: str, runs: int) -> Race:
    """`kpi ask` from start to exit, against a Python that opens the store for one query."""
    commands = (
        [sys.executable, "-m", "bot.cli", "ask", question, "--now", NOW.isoformat()],
        [sys.executable, "-c", ONE_QUERY.format(sql=sql)],
    )
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    spent: tuple[list[float], list[float]] = ([], [])
    with TemporaryDirectory() as cache:
        environment["XDG_CACHE_HOME"] = cache
        for _ in range(runs + 1):
            for side, command in zip(spent, commands, strict=True):
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, env=environment)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                side.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000)
    return Race(f"kpi ask in a new process: {question}", *(statistics.median(side[1:]) for side in spent))


if __name__ == "__main__":
    main()
