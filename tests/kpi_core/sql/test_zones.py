"""SQL cuts days and places clocks as Python does, whatever the database thinks of a zone."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest
import sqlglot

from kpi_core.dates.calendars import Calendar
from kpi_core.sql.places import Sql
from kpi_core.sql.plan import Row
from kpi_core.sql.statement import wall_clocks
from kpi_core.sql.zones import local_sql, offsets_of, utc_sql
from kpi_core.warehouse.reach import other_clock
from kpi_core.warehouse.scratch import ScratchWarehouse

ZONES = (
    "UTC", "Asia/Seoul", "Asia/Kathmandu", "America/New_York", "America/Vancouver", "America/Nuuk", "Africa/Casablanca",
    "Australia/Lord_Howe", "Pacific/Apia",
)  # fmt: skip


def moments(zone: str) -> list[datetime]:
    """Any moments of the century, and those around each change of the clock."""
    chance = random.Random(zone)
    anywhere = [datetime(1970, 1, 2) + timedelta(seconds=chance.randrange(3_150_000_000)) for _ in range(200)]
    near = (timedelta(minutes=30 * step, seconds=second) for step in range(-5, 6) for second in (-1, 0))
    steps = list(near)
    return anywhere + [since + step for since, _offset in offsets_of(zone)[1:][-30:] for step in steps]


def read(expression: str, values: list[datetime]) -> list[datetime]:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE moments AS SELECT unnest($1::TIMESTAMP[]) AS moment", [values])
        return [found for (found,) in connection.execute(f"SELECT {expression} FROM moments").fetchall()]


@pytest.mark.parametrize("name", ZONES)
def test_the_wall_clock_at_an_instant(name: str) -> None:
    """To the second, around each change of the clock too."""
    zone, instants = ZoneInfo(name), moments(name)
    walls = [instant.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) for instant in instants]
    assert read(local_sql("moment", offsets_of(name)), instants) == walls


@pytest.mark.parametrize("name", ZONES)
def test_the_instant_of_a_wall_clock(name: str) -> None:
    """Of an hour that comes twice it is the first one; one that is skipped is counted on from before the gap."""
    zone, walls = ZoneInfo(name), moments(name)
    instants = [wall.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None) for wall in walls]
    assert read(utc_sql("moment", offsets_of(name)), walls) == instants


class ClockPutBack(ScratchWarehouse):
    """A database whose clock of every zone goes back an hour with the year 2027."""

    def rows(self, sql: Sql | str, parameters: Mapping[str, object]) -> list[Row]:
        (walls,) = super().rows(sql, parameters)
        return [tuple(wall - timedelta(hours=wall.year >= 2027) for wall in walls)]


def test_a_warehouse_with_another_clock_is_found() -> None:
    """Doctor tells from when on local days are cut otherwise by definitions than by questions."""
    now, seoul = datetime(2026, 11, 23, 9, 30, 15, 123456, tzinfo=UTC), Calendar("Asia/Seoul")
    with ScratchWarehouse() as alike, ClockPutBack() as other:
        assert other_clock(alike, seoul, now) is None
        since = other_clock(other, seoul, now)
    assert since is not None
    assert datetime(2026, 12, 31, tzinfo=UTC) <= since < datetime(2027, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize("dialect", ["bigquery", "clickhouse", "duckdb", "postgres", "snowflake", "spark"])
def test_every_warehouse_can_be_asked_for_its_clock(dialect: str) -> None:
    """The question reads in the words of each."""
    sql = wall_clocks([datetime(2026, 11, 23, 9)], Calendar("Asia/Seoul"), dialect)
    assert sqlglot.parse_one(sql, dialect=dialect)
    assert "Asia/Seoul" in sql
