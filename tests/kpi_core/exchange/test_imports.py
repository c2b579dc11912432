"""Definitions of other tools as ours: what they come to on little tables, and what is refused, with its line."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from own_kpis import ask, groups

from kpi_core.answering.engine import Engine
from kpi_core.catalog import load_catalog
from kpi_core.documents.yaml_file import read_text
from kpi_core.exchange.carried import Carried, write_files
from kpi_core.exchange.dbt.from_dbt import from_dbt
from kpi_core.exchange.osi.from_osi import from_osi

from tables import engine_on

OLDER = """
models:
  - name: fct_sales
    columns: [{name: amount, data_type: int}, {name: is_gift, data_type: boolean}]
semantic_models:
  - name: sales
    model: ref('fct_sales')
    defaults: {agg_time_dimension: sold_on}
    primary_entity: sale
    entities: [{name: buyer, type: foreign, expr: buyer_id}]
    dimensions:
      - {name: sold_on, type: time, type_params: {time_granularity: day}}
      - {name: channel, type: categorical}
      - {name: is_gift, type: categorical}
      - {name: market, type: categorical, expr: upper(channel)}
    measures:
      - {name: takings, agg: sum, expr: amount}
      - {name: sold, agg: sum, expr: 1}
      - {name: buyers, agg: count_distinct, expr: buyer_id}
  - name: people
    model: ref('dim_people')
    entities: [{name: buyer, type: primary, expr: person_id}]
    dimensions: [{name: town, type: categorical}]
metrics:
  - {name: takings, label: Takings, type: simple, type_params: {measure: {name: takings, fill_nulls_with: 0}}}
  - {name: sold, type: simple, type_params: {measure: sold}}
  - {name: buyers_count, type: simple, type_params: {measure: buyers}}
  - {name: gifts, type: simple, type_params: {measure: takings}, filter: "{{ Dimension('sale__is_gift') }}"}
  - {name: per_buyer, type: ratio, type_params: {numerator: takings, denominator: buyers_count}}
  - name: grown
    type: derived
    type_params:
      expr: (now_sold - before) * 1.0 / NULLIF(before, 0)
      metrics: [{name: sold, alias: now_sold}, {name: sold, alias: before, offset_window: 1 month}]
  - name: to_date
    type: cumulative
    type_params: {measure: takings, cumulative_type_params: {grain_to_date: month, period_agg: last}}
  - {name: loyal, type: simple, type_params: {measure: takings}, filter: "{{ Metric('sold', ['buyer']) }} > 1"}
"""
NEWER = """
models:
  - name: fct_sales
    semantic_model: {enabled: true, name: sales}
    agg_time_dimension: sold_on
    primary_entity: sale
    columns:
      - {name: buyer_id, entity: {type: foreign, name: buyer}}
      - {name: sold_on, granularity: day, dimension: {type: time}}
      - {name: channel, dimension: {type: categorical}}
      - {name: amount, data_type: int}
      - {name: is_gift, data_type: boolean, dimension: {type: categorical}}
    derived_semantics:
      dimensions: [{name: market, type: categorical, expr: upper(channel)}]
    metrics:
      - {name: takings, label: Takings, type: simple, agg: sum, expr: amount, fill_nulls_with: 0}
      - {name: sold, type: simple, agg: sum, expr: 1}
      - {name: buyers_count, type: simple, agg: count_distinct, expr: buyer_id}
      - {name: gifts, type: simple, agg: sum, expr: amount, filter: "{{ Dimension('sale__is_gift') }}"}
      - {name: loyal, type: simple, agg: sum, expr: amount, filter: "{{ Metric('sold', ['buyer']) }} > 1"}
      - {name: per_buyer, type: ratio, numerator: takings, denominator: buyers_count}
      - {name: to_date, type: cumulative, input_metric: takings, grain_to_date: month, period_agg: last}
  - name: dim_people
    semantic_model: true
    columns:
      - {name: person_id, entity: {type: primary, name: buyer}}
      - {name: town, dimension: {type: categorical}}
metrics:
  - name: grown
    type: derived
    expr: (now_sold - before) * 1.0 / NULLIF(before, 0)
    input_metrics: [{name: sold, alias: now_sold}, {name: sold, alias: before, offset_window: 1 month}]
"""
OSI = """
semantic_model:
  - name: shop
    datasets:
      - name: sales
        source: lake.shop.fct_sales
        fields:
          - &on {name: sold_on, SQL<sold_on>, datatype: Date}
          - {name: buyer_id, SQL<buyer_id>, datatype: String}
          - {name: amount, SQL<amount>, datatype: Integer}
          - {name: channel, SQL<channel>, datatype: String, dimension: {}}
          - {name: market, SQL<upper(channel)>, dimension: {is_time: false}}
      - name: people
        source: dim_people
        primary_key: [person_id]
        fields:
          - {name: person_id, SQL<person_id>, datatype: String}
          - {name: town, SQL<town>, datatype: String, dimension: {}}
    relationships:
      - {name: of_people, from: sales, to: people, from_columns: [buyer_id], to_columns: [person_id]}
    metrics:
      - {name: takings, SQL<"COALESCE(SUM(sales.amount), 0)">}
      - name: per_buyer
        SQL<SUM(sales.amount) / COUNT(DISTINCT sales.buyer_id)>
      - {name: joined, SQL<SUM(sales.amount * people.discount)>}
      - {name: ranked, SQL<SUM(sales.amount) OVER ()>}
"""
OSI = re.sub(r"SQL<(.*?)>", r"expression: {dialects: [{dialect: ANSI_SQL, expression: \1}]}", OSI)
SALES = (
    (date(2026, 9, 3), "kim", "web", 5, False), (date(2026, 10, 1), "kim", "web", 1, False),
    (date(2026, 10, 2), "kim", "shop", 2, True), (date(2026, 10, 9), "lin", "web", 4, False),
)  # fmt: skip
EXPECTED = (
    ("takings 2026-10", 7), ("sold 2026-10", 3), ("gifts 2026-10", 2), ("per_buyer 2026-10", 3.5),
    ("grown 2026-10", 2), ("to_date 2026-10-02", 3), ("loyal 2026-10", 3),
)  # fmt: skip


def engine_of(carried: Carried, folder: Path) -> Engine:
    """The definitions on four sales to two people, of whom one is in the list."""
    write_files(folder / "own", carried.files)
    names = ("sold_on", "buyer_id", "channel", "amount", "is_gift")
    catalog = load_catalog([folder / "own"])
    columns = catalog.models["fct_sales"].columns
    rows = [{name: value for name, value in zip(names, row, strict=True) if name in columns} for row in SALES]
    people = [{"person_id": "kim", "town": "Busan"}]
    return engine_on(folder / "e.duckdb", {"fct_sales": rows, "dim_people": people}, catalog=catalog)


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return engine_of(from_dbt([read_text(OLDER, "shop.yml")]), tmp_path_factory.mktemp("older"))


def test_metrics_of_dbt_are_kpis(older: Engine) -> None:
    """By hand over four sales; splits by a computed dimension and by what a list of people tells."""
    assert {question: ask(older, question).value for question, _value in EXPECTED} == dict(EXPECTED)
    assert groups(ask(older, "takings 2026-10 by market")) == {"WEB": 5, "SHOP": 2}
    assert groups(ask(older, "sold 2026-10 by town")) == {"Busan": 2, None: 1}


def test_the_newer_form_says_the_same() -> None:
    """Simple metrics that are their own measures, dimensions that lie at columns, formulas at the top."""
    older, newer = (from_dbt([read_text(text, "shop.yml")]) for text in (OLDER, NEWER))
    assert (older.refused, newer.refused) == ((), ())
    kpis = [name for name in older.files if name.startswith("metrics/")]
    assert [name for name in kpis if {**newer.files[name], "inputs": 0} != {**older.files[name], "inputs": 0}] == []
    ours, theirs = (files.files["models/fct_sales.yaml"] for files in (older, newer))
    assert {**ours, "measures": 0, "columns": 0} == {**theirs, "measures": 0, "columns": 0}
    # A measure is called as its metric there.
    assert {str(each) for each in ours["measures"].values()} == {str(each) for each in theirs["measures"].values()}


def test_a_sum_of_nothing_is_no_data_unless_dbt_fills_it(older: Engine) -> None:
    """As there: a total without rows is empty, one with fill_nulls_with is 0."""
    assert (ask(older, "sold 2026-10-05").value, ask(older, "takings 2026-10-05").value) == (None, 0)


REFUSED = (
    ("type: conversion, type_params: {}", "it follows people"),
    ("type: cumulative, type_params: {measure: takings, cumulative_type_params: {period_agg: average}}", "a mean of"),
    ("type: simple, type_params: {measure: takings}, filter: \"{{ Dimension('buyer__town') }}='a'\"", "which another"),
    ("type: derived, type_params: {expr: 'LEAST(a, 1)', metrics: [{name: sold, alias: a}]}", "no place in a formula"),
    ("type: simple, type_params: {measure: nothing}", "there is no measure nothing"),
    ("type: ratio, type_params: {numerator: nothing, denominator: sold}", "there is no metric nothing"),
)  # fmt: skip


def test_what_would_mean_something_else_is_refused_all_at_once() -> None:
    """Each with its line; the others are carried all the same."""
    lines = [f"  - {{name: odd{number}, {keys}}}" for number, (keys, _says) in enumerate(REFUSED)]
    carried = from_dbt([read_text(OLDER + "\n".join(lines) + "\n", "shop.yml")])
    first = OLDER.count("\n") + 1
    told = {problem.line: problem.message for problem in carried.refused}
    assert list(told) == [first + number for number in range(len(REFUSED))]
    assert [says for line, (_keys, says) in enumerate(REFUSED, first) if says not in told[line]] == []
    assert "metrics/grown.yaml" in carried.files


def test_an_osi_file_comes_to_the_same(tmp_path: Path) -> None:
    """Sums of one table, split by another's words; what joins before it adds up is refused."""
    carried = from_osi([read_text(OSI, "shop.yaml")])
    assert [problem.message.partition(":")[0] for problem in carried.refused] == ["joined", "ranked"]
    engine = engine_of(carried, tmp_path)
    assert ask(engine, "takings 2026-10").value == 7
    assert ask(engine, "per_buyer 2026-10").value == 3.5
    assert groups(ask(engine, "takings 2026-10 by town")) == {"Busan": 3, None: 4}
    assert groups(ask(engine, "takings 2026-10 by market")) == {"WEB": 5, "SHOP": 2}


def test_a_word_of_a_built_in_kpi_stays_its_own() -> None:
    """`revenue` is what people call sales revenue: a metric of that name is carried beside it."""
    text = OLDER + "  - {name: revenue, type: simple, type_params: {measure: takings}}\n"
    kpi = from_dbt([read_text(text, "shop.yml")]).files["metrics/own_revenue.yaml"]
    assert (kpi["id"], kpi["names"]["en"]) == ("own_revenue", "revenue (own)")


def test_a_table_that_comes_built_in_is_not_replaced_by_another() -> None:
    """Its KPIs would read other columns: the view needs another name."""
    (problem, *_others) = from_dbt([read_text(OLDER.replace("fct_sales", "orders"), "shop.yml")]).refused
    assert "a table orders comes built in" in problem.message
