"""Many segments at once are few queries, and each number is the one that it is by itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from kpi_core.answering.engine import Engine
from kpi_core.answering.splits.many_segments import FEWEST, Segments, segments_of
from kpi_core.dates.periods import Period
from kpi_core.query import Filter, MetricQuery
from kpi_core.sql.plan import Need
from kpi_core.warehouse.duckdb import DuckDBWarehouse

from tables import CATALOG, Row, engine_on

NOW = datetime(2026, 11, 23, tzinfo=UTC)
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1), "month")
CHANNELS = (
    None,
    "a",
    "A",
    "'; DROP TABLE orders",
    "=1+1",
    "7",
    "7.0",
    " ",
    "검색",
    *(f"c{at}" for at in range(FEWEST)),
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    rows: list[Row] = [
        {
            "order_id": f"{month}{at}{region}",
            "customer_id": f"{at % 5}",
            "ordered_at": datetime(2026, month, 3 + at % 20),
            "channel": channel,
            "region": region,
            "revenue": 10.0 * at + month,
        }
        for month in (9, 10)
        for region in ("KR", "TW")
        for at, channel in enumerate(CHANNELS)
    ]
    return engine_on(tmp_path_factory.mktemp("segments") / "orders.duckdb", {"orders": rows})


def asked(metric: str, *more: Filter) -> list[MetricQuery]:
    """The same question of every channel, of one that nobody has, and of two channels together."""
    values = [*((channel,) for channel in CHANNELS), ("nobody",), ("c0", "c1")]
    return [MetricQuery(metric, OCTOBER, filters=(Filter("channel", value), *more), trended=False) for value in values]


@pytest.mark.parametrize(
    ("metric", "more"),
    [
        ("sales_revenue", ()),
        ("aov", (Filter("region", ("KR",)),)),
        ("sales_revenue", (Filter("channel", ("c2",), excludes=True),)),
    ],
)
def test_each_number_is_the_one_of_its_own_question(engine: Engine, metric: str, more: Sequence[Filter]) -> None:
    """Values, parts and comparisons of sums and ratios; names of any sort, and none."""
    questions = asked(metric, *more)
    together = dict(zip(questions, engine.answers(questions, NOW), strict=True))
    for question in [*questions[:11], *questions[-2:]]:
        answer, alone = together[question], engine.answer(question, NOW)
        assert _same(answer.value, alone.value), question.filters
        assert answer.parts.keys() == alone.parts.keys()
        assert all(_same(answer.parts[name], alone.parts[name]) for name in alone.parts)
        for one, other in zip(answer.comparisons, alone.comparisons, strict=True):
            assert _same(one.value, other.value)


def test_thousands_of_segments_are_few_queries(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """What adds up, of all segments of one dimension, is one query; without it there is one a segment."""
    queries: list[object] = []
    rows = DuckDBWarehouse.rows

    def counted(self: DuckDBWarehouse, *call: object) -> object:
        queries.append(call)
        return rows(self, *call)  # type: ignore[arg-type]  # as it was called

    engine.answers(asked("sales_revenue", Filter("region", ("KR",))), NOW)
    monkeypatch.setattr(DuckDBWarehouse, "rows", counted)
    engine.answers(asked("sales_revenue", Filter("region", ("TW",))), NOW)
    # The split, the two spellings of one name, and the two channels together.
    assert len(queries) == 4


def test_a_database_that_takes_two_spellings_for_one_is_asked_one_by_one() -> None:
    """Its groups are others than those asked for: then their numbers are not taken."""
    days = (date(2026, 10, 1), date(2026, 11, 1))
    needs = [Need("orders", "revenue", days, (), (Filter("channel", (f"c{at}",)),)) for at in range(FEWEST)]
    (segments,) = segments_of(needs, CATALOG.models)
    assert isinstance(segments, Segments)
    (whole,) = segments.wholes
    assert segments.has_only_asked({whole: {("c0",): 1.0}})
    assert not segments.has_only_asked({whole: {("C0",): 1.0}})
    assert segments_of(needs[1:], CATALOG.models) == []
    parted = segments.parted({whole: {("c0",): 1.0}})
    assert [parted[need] for need in needs[:2]] == [{(): 1.0}, {}]


def _same(one: float | None, other: float | None) -> bool:
    return one == other or (one is not None and other is not None and math.isclose(one, other, rel_tol=1e-12))
