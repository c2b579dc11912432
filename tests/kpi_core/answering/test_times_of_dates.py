"""Times that are dates stay dates, however far west the firm is: also those a model names itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.catalog import load_catalog
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period
from kpi_core.errors import SettingsError
from kpi_core.metrics import Catalog
from kpi_core.query import MetricQuery

import long
from tables import Row, engine_on

NOW = datetime(2027, 1, 2, 14, tzinfo=UTC)
ZONES = ("America/New_York", "Pacific/Honolulu", "UTC", "Asia/Seoul", "Pacific/Auckland")
DEALS = """\
model: deals
description: One row is one deal.
time: opened_on
times:
  closed_on: coalesce(won_on, lost_on)
  billed_on: won_on + interval 1 day
  signed_at: coalesce(signed_at_desk, signed_at_home)
  left_on: cast(signed_at_desk as date)
columns:
  opened_on: {type: date, required: true}
  won_on: {type: date}
  lost_on: {type: date}
  signed_at_desk: {type: timestamp}
  signed_at_home: {type: timestamp}
dimensions: []
measures:
  closed: {agg: count, time: closed_on}
  billed: {agg: count, time: billed_on}
  signed: {agg: count, time: signed_at}
"""
RENTS = """\
model: rents
description: One row is one flat, rented from an instant until a day.
time: moved_in_at
valid: {start: moved_in_at, end: left_on, entity: flat}
columns:
  flat: {type: text, required: true}
  moved_in_at: {type: timestamp, required: true}
  left_on: {type: date}
dimensions: []
measures:
  rented: {agg: count, at: end}
"""
KPI = """\
id: %s
names: {en: %s, ko: %s, zh-TW: %s}
description: {en: Deals., ko: 거래., zh-TW: 交易。}
type: simple
formula: u
inputs: {u: %s}
unit: count
direction: higher
stage: all
cadence: daily
indicator: lagging
audiences: [manager]
reading: Deals.
"""


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder = tmp_path_factory.mktemp("definitions")
    (folder / "deals.yaml").write_text(DEALS)
    (folder / "rents.yaml").write_text(RENTS)
    for measure in ("deals.closed", "deals.billed", "deals.signed", "rents.rented"):
        name = measure.replace(".", "_")
        (folder / f"{name}.yaml").write_text(KPI % (name, name, name, name, measure))
    return load_catalog([folder])


def test_the_kind_of_a_named_time_follows_from_its_columns(catalog: Catalog) -> None:
    """What is made of dates, or cast to one, is a date; what is made of instants is an instant."""
    model = catalog.models["deals"]
    kinds = {name: model.time_type(name) for name in model.times}
    assert kinds == {"closed_on": "date", "billed_on": "date", "signed_at": "timestamp", "left_on": "date"}
    assert catalog.models["leads"].time_type("closed_at") == "timestamp"


@pytest.mark.parametrize(
    "sql",
    [
        "coalesce(signed_at_desk, won_on)",
        "case when won_on is null then signed_at_home else won_on + interval 1 day end",
        "least(lost_on, (signed_at_home))",
    ],
)
def test_a_time_that_is_now_a_date_now_an_instant_is_refused(tmp_path: Path, sql: str) -> None:
    """As an instant a date would be the evening before in New York: the file is named with its line."""
    (tmp_path / "deals.yaml").write_text(DEALS.replace("coalesce(won_on, lost_on)", sql))
    with pytest.raises(SettingsError) as caught:
        load_catalog([tmp_path])
    (problem,) = caught.value.problems
    assert (problem.line, problem.message) == (5, "closed_on mixes dates and instants")
    dates = sql.replace("signed_at_desk", "cast(signed_at_desk as date)").replace(
        "signed_at_home", "cast(signed_at_home as date)"
    )
    (tmp_path / "deals.yaml").write_text(DEALS.replace("coalesce(won_on, lost_on)", dates))
    assert load_catalog([tmp_path]).models["deals"].time_type("closed_on") == "date"


days = st.one_of(st.none(), st.dates(date(2026, 10, 25), date(2026, 12, 5)))


@long.examples("random deals in zones", 5, 300)
@given(st.lists(st.tuples(days, days), min_size=1, max_size=20), st.sampled_from(ZONES), st.sampled_from((10, 11, 12)))
def test_deals_are_counted_on_their_dates(
    tmp_path_factory: pytest.TempPathFactory,
    catalog: Catalog,
    deals: list[tuple[date | None, date | None]],
    zone: str,
    month: int,
) -> None:
    """A deal closed on 1 November is November's in New York, too."""
    rows: list[Row] = [{"opened_on": date(2026, 9, 1), "won_on": won, "lost_on": lost} for won, lost in deals]
    rows.append({"opened_on": date(2026, 12, 30)})
    engine = engine_on(
        tmp_path_factory.mktemp("deals") / "d.duckdb", {"deals": rows}, catalog=catalog, calendar=Calendar(zone)
    )
    period = Period(date(2026, month, 1), date(2026 + month // 12, month % 12 + 1, 1), "month")
    closed, billed = engine.answers([MetricQuery(f"deals_{name}", period) for name in ("closed", "billed")], NOW)
    assert closed.value == sum((won or lost) is not None and (won or lost).month == month for won, lost in deals)  # type: ignore[union-attr]
    assert billed.value == sum(won is not None and (won + timedelta(1)).month == month for won, _lost in deals)


@pytest.mark.parametrize("zone", ZONES)
def test_what_holds_until_a_date_holds_until_its_local_day(tmp_path: Path, catalog: Catalog, zone: str) -> None:
    """A flat left on 1 November is rented at the end of October, one left on the 31st is not, in any zone."""
    rows: list[Row] = [
        {"flat": f"{n}", "moved_in_at": datetime(2026, 10, 5, 12), "left_on": left}
        for n, left in enumerate([date(2026, 11, 1), date(2026, 10, 31), None])
    ]
    rows.append({"flat": "late", "moved_in_at": datetime(2026, 12, 5, 12)})
    engine = engine_on(tmp_path / "r.duckdb", {"rents": rows}, catalog=catalog, calendar=Calendar(zone))
    october = Period(date(2026, 10, 1), date(2026, 11, 1), "month")
    assert engine.answer(MetricQuery("rents_rented", october), NOW).value == 2
