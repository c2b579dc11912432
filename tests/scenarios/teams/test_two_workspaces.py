"""Two workspaces in one process, with one cache: neither ever says a number or a name of the other."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.workspace import Workspace
from kpi_core.access.operator import OPERATOR
from kpi_core.cache import caching
from kpi_core.errors import QuestionError

import long
from tables import CATALOG, settings, write_tables

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
KPIS = ("ad spend", "clicks", "cpc", "ctr", "impressions", "cpm")
PERIODS = ("last month", "this month", "last week", "2026-10", "2026-09 to 2026-10", "last 30 days", "yesterday")
SPLITS = ("", "by channel", "by campaign", "by platform", "by campaign top 2", "daily")
FACTORS = {"north": 3, "south": 7}
"""Every amount of the one is so many times what it would be."""


def workspace(folder: Path, name: str) -> Workspace:
    place = folder / name
    place.mkdir()
    rows = [
        {
            "date": date(2026, 11, 22) - timedelta(days=ago), "platform": name, "channel": f"{name} {ago % 3}",
            "campaign": f"{name} {ago % 5}", "impressions": 1000 * FACTORS[name], "clicks": 10 * FACTORS[name],
            "spend": (ago % 9) * FACTORS[name] ** 2,
        }
        for ago in range(100)
    ]  # fmt: skip
    write_tables(place / "kpi.duckdb", {"ad_performance": rows}, CATALOG)
    return Workspace(settings(folder=place, company=name), {})


@pytest.mark.long
@pytest.mark.skipif(long.share() is None, reason="the words of two workspaces take seconds to read")
def test_two_workspaces_share_nothing(tmp_path: Path) -> None:
    """Random questions in turns: what each says is what it says alone, and names nothing of the other."""
    count, chance, foreign = long.times(20, 10_000), random.Random(0), 0
    with caching(tmp_path / "cache"):
        both = {name: workspace(tmp_path, name) for name in FACTORS}
        for _ in range(count):
            words = " ".join(chance.choice(part) for part in (KPIS, PERIODS, SPLITS))
            asked = list(both)
            chance.shuffle(asked)
            parts = {}
            for name in asked:
                door = both[name].door(OPERATOR)
                try:
                    answer = door.answer(both[name].question(words, NOW), NOW)
                except QuestionError:
                    continue
                parts[name] = answer.parts
                other = next(each for each in FACTORS if each != name)
                foreign += other in repr((answer.breakdown, answer.trend))
            north, south = (parts.get(name, {}) for name in FACTORS)
            assert north.keys() == south.keys()
            for part, value in north.items():
                power = 2 if "spend" in part else 1
                mine, other_value = (value or 0) * 7**power, (south[part] or 0) * 3**power
                foreign += abs(mine - other_value) > 1e-6
        for each in both.values():
            each.close()
    long.ran("questions to two workspaces in turns", count, foreign=foreign)
    assert foreign == 0
