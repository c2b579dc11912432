"""SQL cuts days and places clocks as Python does, whatever the database thinks of a zone."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest

from kpi_core.sql.zones import local_sql, offsets_of, utc_sql

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
