"""The engine's promises: the worked examples, and equality with the plain query for every KPI on any data."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from companies.any_data import drawn, unlike_plain
from hypothesis import Phase, given
from hypothesis import strategies as st

from kpi_core.answering.engine import Engine
from kpi_core.dates.periods import Period
from kpi_core.errors import QuestionError
from kpi_core.metrics import Metric, WorkedExample
from kpi_core.query import Bound, Comparison, Filter, MetricQuery, Order
from kpi_core.questions.parse import parse_question
from kpi_core.warehouse.duckdb import DuckDBWarehouse
from kpi_core.warehouse.scratch import ScratchWarehouse

import long
from tables import CATALOG, engine_on, goals_of, settings

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1), "month")
EXAMPLES = [(metric, number) for metric in CATALOG.metrics.values() for number in range(len(metric.examples))]


@pytest.fixture(scope="module")
def scratch() -> Iterator[ScratchWarehouse]:
    with ScratchWarehouse() as warehouse:
        yield warehouse


@pytest.mark.parametrize(("metric", "number"), EXAMPLES, ids=[f"{metric.id}-{n}" for metric, n in EXAMPLES])
def test_every_worked_example_comes_out(metric: Metric, number: int, scratch: ScratchWarehouse) -> None:
    """The value and the parts that a definition works out by hand are what the engine answers."""
    example: WorkedExample = metric.examples[number]
    scratch.empty()
    for table, rows in example.tables.items():
        scratch.fill(CATALOG.models[table], rows)
    engine = Engine(settings(), CATALOG, scratch, lambda: goals_of(example))
    query = parse_question(example.ask, engine.vocabulary(), engine.settings.calendar, engine.today(NOW))
    answer = engine.answer(query, NOW)
    assert answer.metric.id == metric.id
    assert answer.value == (None if example.value is None else pytest.approx(example.value, rel=1e-9))
    for name, part in example.parts.items():
        assert answer.parts[name] == pytest.approx(part)


def test_every_kpi_has_a_worked_example() -> None:
    """A formula without an example that one can check by hand is not trusted."""
    assert [metric.id for metric in CATALOG.metrics.values() if not metric.examples] == []


@long.examples("random companies, every KPI against its plain query", 1, 60, phases=[Phase.generate])
@given(luck=st.integers(0, 2**32))
def test_every_kpi_equals_its_plain_query_on_any_data(luck: int) -> None:
    """Value, parts, comparisons, trend, every group: one plan for all KPIs gives what a plain query each would give."""
    any_data = drawn(luck)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kpi.duckdb"
        engine = engine_on(path, any_data.tables, calendar=any_data.calendar)
        answers = engine.answers(any_data.questions, NOW)
        engine.warehouse.close()
        with duckdb.connect(str(path)) as connection:
            assert unlike_plain(answers, engine, connection) == []


@pytest.mark.parametrize("metric", ["budget", "budget_utilization"])
@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-11-25", "2027-01-01"),
        ("2026-10-01", "2026-12-31"),
        ("2026-12-01", "2027-01-31"),
        ("2026-07-01", "2026-08-20"),
    ],
)
def test_budgets_ahead_and_before_their_row_equal_their_plain_query(
    metric: str, first: str, last: str, tmp_path: Path
) -> None:
    """A row is the budget of its whole month: also of the days before the first row, and of months that lie ahead."""
    rows: list[dict[str, object]] = [
        {"month": month, "channel": channel, "amount": 310}
        for month, channel in (("2026-08-26", "search"), ("2026-11-26", "search"), ("2026-12-10", None))
    ]
    engine = engine_on(tmp_path / "kpi.duckdb", {"budgets": rows, "ad_performance": []})
    period = Period(date.fromisoformat(first), date.fromisoformat(last) + timedelta(days=1))
    basis = (Comparison("previous_period"), Comparison("same_period_last_year"))
    answers = engine.answers([MetricQuery(metric, period, basis, split) for split in ((), ("channel",))], NOW)
    engine.warehouse.close()
    with duckdb.connect(str(tmp_path / "kpi.duckdb")) as connection:
        assert unlike_plain(answers, engine, connection) == []


ORDERS = {
    "orders": [
        {"order_id": "a", "customer_id": "kim", "ordered_at": "2026-09-05T12:00", "channel": "search", "revenue": 10},
        {"order_id": "b", "customer_id": "lin", "ordered_at": "2026-10-05T12:00", "channel": "search", "revenue": 30},
        {"order_id": "c", "customer_id": "kim", "ordered_at": "2026-10-06T12:00", "channel": "social", "revenue": 20},
        {"order_id": "d", "customer_id": "mia", "ordered_at": "2026-10-07T12:00", "channel": None, "revenue": 5},
        {"order_id": "e", "customer_id": "mia", "ordered_at": "2026-11-21T12:00", "channel": None, "revenue": 1},
    ]
}


def test_rows_without_a_value_are_a_group_of_their_own(tmp_path: Path) -> None:
    """An order without channel is in the group None, and the groups add up to the total."""
    engine = engine_on(tmp_path / "kpi.duckdb", ORDERS)
    answer = engine.answer(MetricQuery("sales_revenue", OCTOBER, dimensions=("channel",)), NOW)
    assert answer.breakdown is not None
    assert [(row.keys, row.value) for row in answer.breakdown] == [(("search",), 30), (("social",), 20), ((None,), 5)]
    assert answer.value == 55


@pytest.mark.parametrize(
    ("values", "value"), [(("search",), 25), (("search", "social"), 5), ((None,), 50), (("search", None), 20)]
)
def test_what_is_left_out_and_what_is_kept_add_up_to_all(
    values: tuple[str | None, ...], value: float, tmp_path: Path
) -> None:
    """Without search an order of no channel still counts; only who leaves out those without one loses it."""
    engine = engine_on(tmp_path / "kpi.duckdb", ORDERS)
    questions = [
        MetricQuery("sales_revenue", OCTOBER, filters=(Filter("channel", values, excludes),))
        for excludes in (True, False)
    ]
    others, these = engine.answers(questions, NOW)
    assert others.value == value
    assert these.value == 55 - value


@pytest.mark.parametrize(
    "text", ["cac by audience", "매출 audience=all", "leads by device top 5", "cac by brand where channel=search"]
)
def test_a_split_that_is_not_there_is_offered_as_others_that_are(text: str, tmp_path: Path) -> None:
    """What the engine suggests can be asked, is answered, and is another question than the one that failed."""
    tables: dict[str, list[dict[str, object]]] = {name: [] for name in ("ad_performance", "costs", "orders", "leads")}
    engine = engine_on(tmp_path / "kpi.duckdb", tables)

    def ask(words: str) -> MetricQuery:
        return parse_question(words, engine.vocabulary(), engine.settings.calendar, engine.today(NOW))

    query = ask(text)
    with pytest.raises(QuestionError) as caught:
        engine.answer(query, NOW)
    assert caught.value.code == "dimension_unavailable"
    assert caught.value.suggestions
    for suggestion in caught.value.suggestions:
        other = ask(suggestion)
        assert other != query
        assert engine.answer(other, NOW).metric.id == query.metric


def test_the_tail_beyond_top_is_folded_so_that_the_rows_add_up(tmp_path: Path) -> None:
    """`top 1` shows search 30 and other 25; the notice says how many were folded."""
    engine = engine_on(tmp_path / "kpi.duckdb", ORDERS)
    answer = engine.answer(MetricQuery("sales_revenue", OCTOBER, dimensions=("channel",), top=1), NOW)
    assert answer.breakdown is not None
    assert [(row.keys, row.value, row.folded) for row in answer.breakdown] == [
        (("search",), 30, 0),
        (("other",), 25, 2),
    ]
    assert "warning.top_folded" in [notice.key for notice in answer.warnings]


def test_the_tail_that_lost_money_before_and_earns_now_has_risen(tmp_path: Path) -> None:
    """From -10 to 5 the folded groups rose by 150 %: as with any row, the share is of how far the base is from 0."""
    orders = [
        {"order_id": "a", "ordered_at": "2026-09-05T12:00", "channel": "search", "revenue": 40},
        {"order_id": "b", "ordered_at": "2026-09-06T12:00", "channel": "social", "revenue": 0, "refunded_amount": 10},
        {"order_id": "c", "ordered_at": "2026-10-05T12:00", "channel": "search", "revenue": 50},
        {"order_id": "d", "ordered_at": "2026-10-06T12:00", "channel": "social", "revenue": 5},
        {"order_id": "e", "ordered_at": "2026-11-21T12:00", "channel": "social", "revenue": 1},
    ]
    engine = engine_on(tmp_path / "kpi.duckdb", {"orders": orders})
    asked = MetricQuery("sales_revenue", OCTOBER, (Comparison("previous_period"),), ("channel",), top=1)
    answer = engine.answer(asked, NOW)
    assert answer.breakdown is not None
    other = answer.breakdown[-1].comparisons[0]
    assert (other.value, other.current, other.change, other.change_ratio) == (-10, 5, 15, 1.5)


def test_the_tail_of_a_day_that_is_not_over_is_compared_with_nothing(tmp_path: Path) -> None:
    """Today at 9: no day of it is complete, so neither the groups nor the folded rest have a change."""
    engine = engine_on(tmp_path / "kpi.duckdb", ORDERS)
    today = Period(date(2026, 11, 22), date(2026, 11, 23), "day")
    against = (Comparison("previous_period"), Comparison("period", OCTOBER))
    answer = engine.answer(MetricQuery("sales_revenue", today, against, ("channel",), top=1), NOW)
    changes = [*answer.comparisons, *(change for row in answer.breakdown or () for change in row.comparisons)]
    assert {change.change for change in changes} == {None}
    whole = engine.answer(MetricQuery("sales_revenue", OCTOBER, against, ("channel",), top=1), NOW)
    assert whole.breakdown is not None
    assert whole.breakdown[-1].comparisons[0].change == 20 + 5 - 0


def test_no_data_is_never_0(tmp_path: Path) -> None:
    """Inside the table's days a month without orders is 0; before its first day there is no data."""
    orders = [
        {"order_id": "a", "customer_id": "kim", "ordered_at": "2026-08-05T12:00", "revenue": 10},
        {"order_id": "b", "customer_id": "kim", "ordered_at": "2026-11-05T12:00", "revenue": 10},
    ]
    engine = engine_on(tmp_path / "kpi.duckdb", {"orders": orders})
    answer = engine.answer(MetricQuery("sales_revenue", OCTOBER), NOW)
    assert answer.value == 0
    by_month = {point.period.start: point.value for point in answer.trend}
    assert by_month[date(2026, 7, 1)] is None
    assert by_month[date(2026, 8, 1)] == 10
    assert by_month[date(2026, 9, 1)] == 0


def test_an_unfinished_month_is_compared_by_the_days_both_have(tmp_path: Path) -> None:
    """Data through 21 November: 1-21 November against 1-21 October, although October went on to earn 100 more."""
    orders = [
        {"order_id": f"{n}", "customer_id": "kim", "ordered_at": f"{moment}T12:00", "revenue": revenue}
        for n, (moment, revenue) in enumerate(
            [("2026-09-01", 1), ("2026-10-21", 40), ("2026-10-22", 100), ("2026-11-02", 20), ("2026-11-21", 30)]
        )
    ]
    engine = engine_on(tmp_path / "kpi.duckdb", {"orders": orders})
    answer = engine.answer(MetricQuery("sales_revenue", Period(date(2026, 11, 1), date(2026, 12, 1), "month")), NOW)
    before = answer.comparisons[0]
    assert (answer.value, answer.complete) == (50, False)
    assert (before.period.start, before.period.end) == (date(2026, 10, 1), date(2026, 10, 22))
    assert (before.value, before.change, before.change_ratio) == (40, 10, 0.25)


def test_a_missing_table_still_answers(tmp_path: Path) -> None:
    """Without costs there is no CAC that has salaries in it: the value is None and the notice names the table."""
    engine = engine_on(tmp_path / "kpi.duckdb", ORDERS)
    answer = engine.answer(MetricQuery("cac@fully_loaded", OCTOBER), NOW)
    assert answer.value is None
    named = [(notice.key, notice.params["table"]) for notice in answer.warnings]
    assert named == [("warning.table_missing", "ad_performance"), ("warning.table_missing", "costs")]


def test_a_split_that_a_table_lacks_is_refused_with_those_it_has(tmp_path: Path) -> None:
    """Costs know no device, so CAC cannot be split by it; channel is offered."""
    engine = engine_on(tmp_path / "kpi.duckdb", ORDERS)
    with pytest.raises(QuestionError, match="costs has no device") as refusal:
        engine.answer(MetricQuery("cac@fully_loaded", OCTOBER, dimensions=("device",)), NOW)
    assert refusal.value.suggestions[0] == "cac@fully_loaded 2026-10 by channel"


def test_new_data_is_seen_between_two_questions(tmp_path: Path) -> None:
    """A load swaps the file in by rename; the running engine answers from it at once."""
    engine = engine_on(tmp_path / "kpi.duckdb", ORDERS)
    query = MetricQuery("sales_revenue", OCTOBER)
    assert engine.answer(query, NOW).value == 55
    more = [*ORDERS["orders"], {"order_id": "z", "ordered_at": "2026-10-30T12:00", "revenue": 45}]
    engine_on(tmp_path / "next.duckdb", {"orders": more})
    (tmp_path / "next.duckdb").replace(tmp_path / "kpi.duckdb")
    assert engine.answer(query, NOW).value == 100


@pytest.mark.parametrize(("kpi", "first"), [("ad_spend", "dear"), ("cpc", "cheap")])
def test_a_ranking_goes_by_what_is_good(kpi: str, first: str, tmp_path: Path) -> None:
    """The top campaign is the cheapest by CPC and the largest by spend; clicks of no campaign win nothing."""
    ads = [
        {"date": "2026-10-05", "campaign": "dear", "spend": 90, "clicks": 10},
        {"date": "2026-10-05", "campaign": "cheap", "spend": 10, "clicks": 10},
        {"date": "2026-10-05", "campaign": None, "spend": 100, "clicks": 1000},
    ]
    engine = engine_on(tmp_path / "kpi.duckdb", {"ad_performance": ads})
    answer = engine.answer(MetricQuery(kpi, OCTOBER, dimensions=("campaign",), top=1), NOW)
    assert answer.breakdown is not None
    assert [(row.keys[0], row.folded) for row in answer.breakdown] == [(first, 0), ("other", 2)]


@pytest.mark.parametrize("most_rows", [0, 10_000])
def test_groups_without_a_value_take_no_place(most_rows: int, tmp_path: Path) -> None:
    """Of five campaigns two have clicks: the top 3 by CPC are these two, and the spend of the others is in the rest."""
    ads = [
        {"date": "2026-10-05", "campaign": "dear", "spend": 90, "clicks": 10},
        {"date": "2026-10-05", "campaign": "cheap", "spend": 10, "clicks": 10},
        *({"date": "2026-10-05", "campaign": name, "spend": 5, "clicks": 0} for name in ("idle", "new", "old")),
    ]
    there = engine_on(tmp_path / "kpi.duckdb", {"ad_performance": ads})
    engine = Engine(there.settings, CATALOG, DuckDBWarehouse(tmp_path / "kpi.duckdb"), most_rows=most_rows)
    answer = engine.answer(MetricQuery("cpc", OCTOBER, dimensions=("campaign",), top=3), NOW)
    assert answer.breakdown is not None
    assert [(row.keys[0], row.folded) for row in answer.breakdown] == [("cheap", 0), ("dear", 0), ("other", 3)]
    assert answer.breakdown[-1].parts["ad_spend"] == 15
    (cut,) = (notice for notice in answer.warnings if notice.key == "warning.top_folded")
    assert (cut.params["shown"], cut.params["total"]) == (2, 5)
    room_for_all = engine.answer(MetricQuery("cpc", OCTOBER, dimensions=("campaign",), top=5), NOW)
    assert [row.keys[0] for row in room_for_all.breakdown or ()] == ["cheap", "dear", "idle", "new", "old"]
    # Of groups asked for by their value those stand apart that have one on that side; the rest is one row.
    for bounds, names in (((Bound("above", 1),), ["dear", "other"]), ((Bound("below", 1),), ["other"])):
        within = engine.answer(MetricQuery("cpc", OCTOBER, dimensions=("campaign",), bounds=bounds), NOW)
        assert [row.keys[0] for row in within.breakdown or ()] == names
        assert [notice.params["shown"] for notice in within.warnings if notice.key == "warning.top_folded"] == [
            len(names) - 1
        ]


@pytest.mark.parametrize(
    ("kpi", "order", "names", "remark"),
    [
        ("cpc", "best", ("cheap", "dear", "idle", None), "warning.lowest_best"),
        ("cpc", "worst", ("dear", "cheap", "idle", None), "warning.highest_worst"),
        ("cpc", "most", ("dear", "cheap", "idle", None), None),
        ("cpc", "least", ("cheap", "dear", "idle", None), "warning.lowest_first"),
        ("ctr", "best", ("cheap", "dear", "idle", None), None),
        ("ctr", "worst", ("dear", "cheap", "idle", None), "warning.lowest_first"),
        ("ad_spend", "best", ("dear", "cheap", "idle", None), None),
        ("ad_spend", "worst", ("idle", "cheap", "dear", None), "warning.lowest_first"),
    ],
)
def test_an_order_goes_by_the_direction_of_its_kpi(
    kpi: str, order: Order, names: tuple[str | None, ...], remark: str | None, tmp_path: Path
) -> None:
    """Best is lowest where lower is better, worst the other end; nothing to divide by and no name come last.

    Where it is not plain, the answer says which end is first.
    """
    ads = [
        {"date": "2026-10-05", "campaign": "dear", "spend": 90, "clicks": 10, "impressions": 1000},
        {"date": "2026-10-05", "campaign": "cheap", "spend": 10, "clicks": 10, "impressions": 100},
        {"date": "2026-10-05", "campaign": "idle", "spend": 1, "clicks": 0, "impressions": 0},
        {"date": "2026-10-05", "campaign": None, "spend": 900, "clicks": 1, "impressions": 1},
    ]
    engine = engine_on(tmp_path / "kpi.duckdb", {"ad_performance": ads})
    answer = engine.answer(MetricQuery(kpi, OCTOBER, (), ("campaign",), order=order, trended=False), NOW)
    assert answer.breakdown is not None
    assert tuple(row.keys[0] for row in answer.breakdown) == names
    remarks = {"warning.lowest_best", "warning.highest_worst", "warning.lowest_first"}
    assert [notice.key for notice in answer.warnings if notice.key in remarks] == ([remark] if remark else [])
