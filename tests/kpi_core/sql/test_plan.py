"""The plan fetches little, and what it fetches adds up to what was asked."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from kpi_core.sql.plan import Need, plan, roll_up

from tables import CATALOG

MODELS = CATALOG.models
MONTHS = [date(2026, month, 1) for month in range(1, 12)]


def test_one_query_a_model_for_value_comparisons_trend_and_groups() -> None:
    """A month, the month before and ten months of trend, with channels for two of them, are one fetch."""
    months = list(pairwise(MONTHS))
    needs = [Need("ad_performance", "spend", days) for days in months]
    needs += [Need("ad_performance", "clicks", months[-1])]
    needs += [Need("ad_performance", "spend", days, ("channel",)) for days in months[-2:]]
    (fetch,) = plan(needs, MODELS)
    assert fetch.measures == ("clicks", "spend")
    assert [bucket.split for bucket in fetch.buckets] == [False] * 8 + [True] * 2


def test_groups_are_fetched_only_where_they_are_shown() -> None:
    """Overlapping runs are cut where they begin and end; only the part asked by group is split."""
    whole = Need("orders", "revenue", (date(2026, 10, 1), date(2026, 11, 1)))
    part = Need("orders", "revenue", (date(2026, 10, 1), date(2026, 10, 22)), ("channel",))
    (fetch,) = plan([whole, part], MODELS)
    assert [(bucket.start.day, bucket.split) for bucket in fetch.buckets] == [(1, True), (22, False)]


def test_what_cannot_be_added_up_is_fetched_for_each_run_of_days() -> None:
    """Visitors of October are not those of its weeks added up: overlapping runs need queries of their own."""
    month = Need("web_sessions", "visitors", (date(2026, 10, 1), date(2026, 11, 1)))
    week = Need("web_sessions", "visitors", (date(2026, 10, 5), date(2026, 10, 12)))
    next_week = Need("web_sessions", "visitors", (date(2026, 10, 12), date(2026, 10, 19)))
    fetches = plan([month, week, next_week], MODELS)
    assert sorted(len(fetch.buckets) for fetch in fetches) == [1, 2]


def test_times_of_their_own_make_fetches_of_their_own() -> None:
    """Leads count when they came, MQLs when they became one: two dates, two queries."""
    days = (date(2026, 10, 1), date(2026, 11, 1))
    fetches = plan([Need("leads", "leads", days), Need("leads", "mql", days)], MODELS)
    assert sorted(fetch.time for fetch in fetches) == ["created_at", "mql_at"]


def test_coarser_groups_come_from_finer_ones_of_the_same_days() -> None:
    """By channel and device is one query, and holds both alone; by channel of other days is a query of its own."""
    october, november = (date(2026, 10, 1), date(2026, 11, 1)), (date(2026, 11, 1), date(2026, 11, 22))
    splits = [("channel",), ("device",), ("channel", "device"), ()]
    needs = [Need("ad_performance", "spend", october, split) for split in splits]
    (fetch,) = plan(needs, MODELS)
    found = roll_up(fetch, [(0, "search", "phone", 2), (0, "search", None, 3), (0, "social", "phone", 4)])
    assert [found[need] for need in needs] == [
        {("search",): 5, ("social",): 4},
        {("phone",): 6, (None,): 3},
        {("search", "phone"): 2, ("search", None): 3, ("social", "phone"): 4},
        {(): 9},
    ]
    other_days = Need("ad_performance", "spend", november, ("channel",))
    assert [fetch.dimensions for fetch in plan([needs[2], other_days], MODELS)] == [("channel", "device"), ("channel",)]


def test_days_without_a_value_take_nothing_from_the_others() -> None:
    """Refunds known of one half of October are its refunds; known of none they stay unknown, never 0."""
    halves = [(date(2026, 10, 1), date(2026, 10, 16)), (date(2026, 10, 16), date(2026, 11, 1))]
    needs = [Need("orders", "refunded_amount", days) for days in (*halves, (date(2026, 10, 1), date(2026, 11, 1)))]
    (fetch,) = plan(needs, MODELS)
    for first, second, whole in ((None, 5, 5), (5, None, 5), (5, 2, 7), (None, None, None)):
        found = roll_up(fetch, [(0, first), (1, second)])
        assert [found[need] for need in needs] == [{(): first}, {(): second}, {(): whole}]


RUNS = st.lists(
    st.tuples(
        st.integers(0, 40),
        st.sampled_from([7, 30, 5]),
        st.sampled_from([(), ("channel",), ("device",), ("channel", "device")]),
    ).map(
        lambda run: Need(
            "orders",
            "revenue",
            (date(2026, 1, 1) + timedelta(run[0] // 7 * 7), date(2026, 1, 1) + timedelta(run[0] // 7 * 7 + run[1])),
            run[2],
        )
    ),
    min_size=1,
    max_size=8,
)
ROWS = st.lists(
    st.tuples(st.integers(0, 70), st.sampled_from("ab"), st.sampled_from(["x", None]), st.integers(0, 9)), max_size=30
)


@given(needs=RUNS, facts=ROWS)
def test_any_runs_of_days_add_up_from_their_buckets(
    needs: list[Need], facts: list[tuple[int, str, str | None, int]]
) -> None:
    """Whatever is asked together, each need gets the sum of its own days and groups, as if asked alone."""
    found = {}
    for fetch in plan(needs, MODELS):
        rows: dict[tuple[object, ...], int] = {}
        for number, (start, end, split) in enumerate(fetch.runs()):
            for day, channel, device, amount in facts:
                if split is not None and start <= date(2026, 1, 1) + timedelta(day) < end:
                    members = {"channel": channel, "device": device}
                    key = (number, *(members[name] if split else None for name in fetch.dimensions))
                    rows[key] = rows.get(key, 0) + amount
        found |= roll_up(fetch, [(*key, amount) for key, amount in rows.items()])
    for need in needs:
        alone: dict[tuple[object, ...], int] = {}
        for day, channel, device, amount in facts:
            if need.days[0] <= date(2026, 1, 1) + timedelta(day) < need.days[1]:
                members = {"channel": channel, "device": device}
                group = tuple(members[name] for name in need.dimensions)
                alone[group] = alone.get(group, 0) + amount
        assert found[need] == alone
