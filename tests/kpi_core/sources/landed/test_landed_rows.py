"""Tables that another tool has loaded are mapped by one word, `layout: fivetran`; what they lack is said."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from loading_side import CATALOG, NOW, sentences
from loading_side import settings as workspace

from kpi_core.errors import DataError, SettingsError
from kpi_core.layouts.landed import LandedLayout, landed_layouts
from kpi_core.loading.load import load
from kpi_core.settings.file import read_settings
from kpi_core.settings.values import Source
from kpi_core.sources.sql.landed_rows import rows_query

import long

Tables = Mapping[str, Sequence[Mapping[str, Any]]]
LAYOUTS = landed_layouts()
ORDER = {"id": 1, "customer_id": 7, "created_at": "2026-11-01 10:00:00", "currency": "KRW", "total_price": 100}
PLAIN = {"test": False, "cancelled_at": None, "financial_status": "paid"}
TABLES: dict[str, Tables] = {
    "fivetran/facebook_ads": {
        "basic_ad": [
            {"ad_id": "a", "adset_name": "set", "date": "2026-11-01", "account_id": 9, "impressions": 1000}
            | {"inline_link_clicks": 10, "spend": 5.5}
        ],
        "account_history": [
            {"id": 9, "currency": "EUR", "_fivetran_synced": "2026-01-01"},
            {"id": 9, "currency": "USD", "_fivetran_synced": "2026-02-01"},
        ],
        "ad_history": [{"id": "a", "campaign_id": 3}, {"id": "a", "campaign_id": 3}],
        "campaign_history": [
            {"id": 3, "name": "old", "updated_time": "2026-01-01"},
            {"id": 3, "name": "new", "updated_time": "2026-02-01"},
        ],
        "basic_ad_actions": [
            {"ad_id": "a", "date": "2026-11-01", "action_type": "lead", "value": 9.0},
            {"ad_id": "a", "date": "2026-11-01", "action_type": "omni_purchase", "value": 2.0},
        ],
        "basic_ad_action_values": [
            {"ad_id": "a", "date": "2026-11-01", "action_type": "omni_purchase", "value": 40.0},
            {"ad_id": "a", "date": "2026-11-01", "action_type": "purchase", "value": 39.0},
        ],
    },
    "fivetran/google_ads": {
        "campaign_stats": [
            {"id": 3, "customer_id": 9, "date": "2026-11-01", "device": "MOBILE", "impressions": 1000, "clicks": 10}
            | {"cost_micros": 5_500_000, "conversions": 2.0, "conversions_value": 40.0}
        ],
        "campaign_history": [
            {"id": 3, "name": "old", "updated_at": "2026-01-01"},
            {"id": 3, "name": "new", "updated_at": "2026-02-01"},
        ],
        "account_history": [{"id": 9, "currency_code": "USD", "updated_at": "2026-01-01"}],
    },
    "airbyte/facebook_marketing": {
        "ads_insights": [
            {"date_start": "2026-11-01", "campaign_name": "new", "adset_name": "set", "account_currency": "USD"}
            | {"impressions": 1000, "inline_link_clicks": 10, "spend": 5.5}
        ]
    },
    "airbyte/google_ads": {
        "campaign": [
            {"segments_date": "2026-11-01", "campaign_name": "new", "metrics_impressions": 1000, "metrics_clicks": 10}
            | {"metrics_cost_micros": 5_500_000, "metrics_conversions": 2, "metrics_conversions_value": 40.0}
        ]
    },
    "dlt/facebook_ads": {
        "facebook_insights": [
            {"campaign_id": "3", "adset_id": "4", "ad_id": "a", "date_start": "2026-11-01", "impressions": 1000}
            | {"clicks": 10, "spend": "5.5", "_dlt_id": "x"}
        ],
        "campaigns": [{"id": "3", "name": "new"}],
        "ad_sets": [{"id": "4", "name": "set"}],
        "facebook_insights__actions": [{"_dlt_parent_id": "x", "action_type": "omni_purchase", "value": "2"}],
        "facebook_insights__action_values": [{"_dlt_parent_id": "x", "action_type": "omni_purchase", "value": "40"}],
    },
    "fivetran/shopify": {
        "order": [
            ORDER | PLAIN | {"shipping_address_country_code": "KR", "_fivetran_deleted": False},
            ORDER | PLAIN | {"id": 2, "test": True, "shipping_address_country_code": "KR", "_fivetran_deleted": False},
        ],
        "refund": [{"id": 5, "order_id": 1}],
        "order_line_refund": [{"refund_id": 5, "subtotal": 9, "total_tax": 1}, {"refund_id": 5, "subtotal": 5}],
    },
    "airbyte/shopify": {"orders": [ORDER | PLAIN | {"current_total_price": 85}]},
    "dlt/shopify": {
        "orders": [
            ORDER | PLAIN | {"customer__id": 7, "shipping_address__country_code": "KR", "current_total_price": 85},
            ORDER | PLAIN | {"id": 3, "financial_status": "voided", "customer__id": 7, "current_total_price": 0},
        ]
    },
    "fivetran/hubspot": {
        "deal": [
            {"deal_id": 1, "deal_pipeline_id": "p", "deal_pipeline_stage_id": "s", "is_deleted": False}
            | {"property_createdate": "2026-10-01 09:00:00", "property_closedate": "2026-11-01 09:00:00"}
            | {"property_amount": 85, "property_hs_analytics_source": "PAID_SEARCH", "owner_id": 4}
        ],
        "deal_pipeline_stage": [{"stage_id": "s", "pipeline_id": "p", "closed_won": True, "probability": 1.0}],
    },
    "airbyte/hubspot": {
        "deals": [
            {"id": 1, "properties_createdate": "2026-10-01 09:00:00", "properties_closedate": "2026-11-01 09:00:00"}
            | {"properties_hs_is_closed_won": True, "properties_hs_is_closed": True, "properties_amount": 85}
        ]
    },
    "dlt/hubspot": {
        "deals": [
            {"hs_object_id": 1, "createdate": "2026-10-01 09:00:00", "closedate": "2026-11-01 09:00:00"}
            | {"dealstage": "closedwon", "amount": 85}
        ]
    },
}
ADS = {"date": "2026-11-01", "spend": 5.5, "impressions": 1000, "clicks": 10}


def put(connection: Any, tables: Tables) -> None:
    for name, rows in tables.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        first = {column: next((row[column] for row in rows if row.get(column) is not None), "") for column in columns}
        kinds = {bool: "BOOLEAN", int: "BIGINT", float: "DOUBLE", str: "VARCHAR"}
        typed = ", ".join(f'"{column}" {kinds[type(first[column])]}' for column in columns)
        connection.execute(f'CREATE TABLE "{name}" ({typed})')
        for row in rows:
            values = [row.get(column) for column in columns]
            connection.execute(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(columns))})', values)


def columns_of(tables: Tables, name: str) -> frozenset[str]:
    return frozenset(column for row in tables.get(name, ()) for column in row)


def told(layout: LandedLayout, tables: Tables) -> list[dict[str, Any]]:
    """The rows that DuckDB answers for a layout's only table."""
    (table,) = layout.gives
    query = rows_query("ours", layout, table, lambda name: columns_of(tables, name), lambda name: f'"{name}"')
    with duckdb.connect() as connection:
        put(connection, tables)
        found = connection.execute(query.sql)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.mark.parametrize("name", sorted(LAYOUTS))
def test_each_layout_by_hand(name: str) -> None:
    """One ad, order or deal in each tool's tables: the newest names, the currency, refunds and wins; no row doubled."""
    layout = LAYOUTS[name]
    (row,) = told(layout, TABLES[name])
    (table,) = layout.gives
    assert set(row) <= {*CATALOG.models[table].columns, "currency"}
    if table == "ad_performance":
        assert {key: float(row[key]) if key == "spend" else row[key] for key in ADS} == ADS
        assert row["platform"] == ("meta" if "facebook" in name else "google")
        assert row["campaign"] == "new"
        if "conversions" not in layout.lacks:
            assert (float(row["conversions"]), float(row["conversion_value"])) == (2, 40)
        assert row.get("currency", "USD") == "USD"
    elif table == "orders":
        assert (row["order_id"], row["revenue"], row["refunded_amount"]) == (1, 100, 15)
    else:
        assert (row["lead_id"], row["won_at"], row["amount"]) == (1, "2026-11-01 09:00:00", 85)


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(LAYOUTS))
def test_any_column_may_lack(name: str) -> None:
    """Without any one column of its tables a layout says which one it needs, or answers without what rests on it."""
    layout = LAYOUTS[name]
    (table,) = layout.gives
    whole, needs = told(layout, TABLES[name]), layout.gives[table].needs
    places = [(of, column) for of in TABLES[name] for column in sorted(columns_of(TABLES[name], of))]
    for of, column in Random(name).sample(places, min(len(places), long.times(2, 100))):
        fewer = {of: [{key: row[key] for key in row if key != column} for row in TABLES[name][of]]}
        try:
            rows_told = told(layout, {**TABLES[name], **fewer})
        except DataError as error:
            assert column in error.message  # noqa: PT017 - the others need not fail
            continue
        if not any(f".{column}" in condition for condition in layout.gives[table].where):
            assert len(rows_told) == len(whole)
        assert all(set(needs) <= set(row) for row in rows_told)


def landed(folder: Path, tables: Tables, name: str) -> Source:
    with sqlite3.connect(folder / "landed.db") as connection:
        put(connection, tables)
    return Source("ours", "sql", "orders", options={"url": "sqlite:///landed.db", "layout": name})


def test_one_word_loads(tmp_path: Path) -> None:
    """`layout: fivetran` finds the tables that are there, and the load says what they do not tell."""
    tables = {**TABLES["fivetran/shopify"]}
    tables["order"] = [{key: row[key] for key in row if key != "currency"} for row in tables["order"]]
    source = landed(tmp_path, tables, "fivetran")
    (report,) = load(workspace(tmp_path, source), CATALOG, now=NOW).sources
    assert (report.error, report.rows) == (None, 1)
    assert "These tables do not tell currency." in sentences(report)
    with duckdb.connect(str(tmp_path / "kpi.duckdb"), read_only=True) as facts:
        assert facts.execute("SELECT order_id, revenue, refunded_amount FROM orders").fetchall() == [("1", 100, 15)]


@pytest.mark.parametrize("missing", ["order", "total_price"])
def test_what_lacks_is_said(tmp_path: Path, missing: str) -> None:
    """Without the table, or a column that is needed, the load fails with its name and keeps what it had."""
    tables = {name: rows for name, rows in TABLES["fivetran/shopify"].items() if name != missing}
    if missing != "order":
        tables["order"] = [{key: row[key] for key in row if key != missing} for row in tables["order"]]
    source = landed(tmp_path, tables, "fivetran/shopify")
    (report,) = load(workspace(tmp_path, source), CATALOG, now=NOW).sources
    assert report.error is not None
    assert (missing if missing != "order" else "fivetran/shopify") in f"{report.error.message} {report.error.hint}"


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("type: sql, url: 'sqlite:///a.db', table: orders, layout: fivetran", ""),
        ("type: sql, url: 'sqlite:///a.db', table: orders, layout: dlt/shopify, schema: raw", ""),
        ("type: sql, url: 'sqlite:///a.db', table: orders, layout: dlt/hubspot", "fills orders"),
        ("type: csv, path: a.csv, table: orders, layout: fivetran/shopify", "layout of a database"),
        ("type: sql, url: 'sqlite:///a.db', table: orders, layout: stitch", "no layout stitch"),
    ],
)
def test_kpi_check_knows_the_names(tmp_path: Path, written: str, problem: str) -> None:
    """A layout of a database stands at a database and fills its table; all else is told with what to write."""
    file = tmp_path / "kpi.yaml"
    file.write_text(f"company: C\ntimezone: UTC\ncurrency: KRW\nsources:\n  - {{name: ours, {written}}}\n", "utf-8")
    try:
        settings = read_settings(file)
        assert not problem
        assert settings.sources[0].layout is None
    except SettingsError as error:
        assert problem
        assert problem in str([each.message for each in error.problems])  # noqa: PT017 - both ends are tried
