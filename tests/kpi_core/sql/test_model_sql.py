"""The SQL and the parts of a team's models: what the database would refuse is told before any load, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpi_core.catalog.inspection import inspect_definitions

MODEL = """\
model: visits
description: One row is one visit.
time: day
columns:
  day: {type: date, required: true}
  shop: {type: text}
  revenue: {type: decimal}
  left_at: {type: timestamp}
dimensions: [shop]
"""


def problems(folder: Path, *lines: str, model: str = MODEL) -> list[tuple[int, str, str]]:
    """Line, message and hint of all that is wrong with a model that ends with these lines."""
    own = folder / "models"
    own.mkdir()
    (own / "visits.yaml").write_text(model + "\n".join(lines) + "\n", encoding="utf-8")
    return [(each.line, each.message, each.hint) for each in inspect_definitions([own]).problems]


@pytest.mark.parametrize(
    ("measure", "part", "message", "hint"),
    [
        ("agg: sum, expr: revenu(revenue)", "expr", "there is no function revenu", ""),
        ("agg: sum, expr: 'coalesc(revenue, 0)'", "expr", "there is no function coalesc", "Did you mean coalesce"),
        ("agg: sum, expr: revenu", "expr", "there is no column revenu", "Did you mean revenue?"),
        ("agg: count, filter: shopp = 'a'", "filter", "there is no column shopp", "Did you mean shop?"),
        ("agg: sum, expr: revenue + shop", "expr", "+(DECIMAL(17,6), VARCHAR) does not work", "Check"),
        ("agg: sum, expr: shop", "agg", "sum(VARCHAR) does not work", "Check"),
        ("agg: count, filter: day > left_at + revenue", "filter", "+(TIMESTAMP, DECIMAL(17,6)) does not work", "Check"),
        ("agg: count, filter: lowr(shop) = 'a'", "filter", "there is no function lowr", "Did you mean lower"),
    ],
)
def test_sql_that_the_database_would_refuse_is_told(
    tmp_path: Path, measure: str, part: str, message: str, hint: str
) -> None:
    """Unknown functions and columns and types that do not go together, in expr and filter alike."""
    ((line, said, help_),) = problems(tmp_path, f"measures: {{amount: {{{measure}}}}}")
    assert (line, said) == (10, f"amount.{part}: {message}")
    assert help_.startswith(hint)


@pytest.mark.parametrize(
    "measure",
    [
        "agg: sum, expr: 'coalesce(revenue, 0)', filter: 'lower(shop) = ''a'' and day >= period_start'",
        "agg: median, expr: 'date_diff(''day'', day, cast(left_at as date))'",
        "agg: sum, expr: doubled, filter: twice > doubled",
        "agg: count, time: left_day, filter: revenue > 0",
        "agg: min, expr: revenue",
    ],
)
def test_sql_that_runs_is_left_alone(tmp_path: Path, measure: str) -> None:
    """Columns, columns computed of computed ones in any order, named times, and what the engine adds itself."""
    lines = [
        "computed: {twice: doubled * 2, doubled: revenue * 2}",
        "times: {left_day: 'cast(left_at as date)'}",
        f"measures: {{amount: {{{measure}}}}}",
    ]
    assert problems(tmp_path, *lines) == []


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("computed: {twice: 'doubl(revenue)'}", "twice: there is no function doubl", ""),
        ("computed: {a: b + 1, b: c + 1, c: a + 1}", "a is computed from itself", "Break the circle a → b → c → a."),
        ("computed: {revenue: revenue * 2}", "computed: revenue is a column already", "Call it otherwise."),
        ("times: {gone: shop}", "gone: shop is of type VARCHAR", "A time is a date or a timestamp."),
        ("relation: select day from orders", "relation needs reads:", "Name the models"),
        ("reads: [nowhere]", "there is no model nowhere", ""),
        ("reads: [customers]", "customers is no table, it is made of others itself", "Name its tables: orders"),
        ("valid: {start: day, end: gone_at, entity: shop}", "valid: visits has no column gone_at", ""),
    ],
)
def test_parts_of_a_model_that_cannot_work_are_told(tmp_path: Path, line: str, message: str, hint: str) -> None:
    """Each in its own line, whatever else is wrong because of it."""
    found = problems(tmp_path, line, "measures: {visits: {agg: count}}")
    assert all(number == 10 for number, _said, _help in found)
    said = [(told, help_) for _number, told, help_ in found if message in told]
    assert len(said) == 1, found
    assert said[0][1].startswith(hint)


@pytest.mark.parametrize(
    ("measure", "message"),
    [
        ("agg: sum, expr: revenue, at: end", "visits does not say how long its rows hold"),
        ("agg: sum, expr: revenue, last_per: [shopp]", "visits has no column shopp"),
    ],
)
def test_measures_need_what_they_lean_on(tmp_path: Path, measure: str, message: str) -> None:
    """A state needs validity, a semi-additive measure its columns."""
    assert message in [said for _line, said, _hint in problems(tmp_path, f"measures: {{amount: {{{measure}}}}}")]


def test_a_word_in_a_text_is_no_circle(tmp_path: Path) -> None:
    """A computed column may name itself in a literal."""
    lines = ["computed: {kind: \"case when shop is null then 'kind' else shop end\"}", "measures: {n: {agg: count}}"]
    assert problems(tmp_path, *lines) == []


def test_a_relation_gives_every_column(tmp_path: Path) -> None:
    """What stands in for a table is tried: unknown functions, missing columns, files it may not read."""
    model = MODEL + "reads: [orders]\nmeasures: {n: {agg: count}}\nrelation: "
    good = "select cast(ordered_at as date) as day, channel as shop, revenue, ordered_at as left_at from orders"
    for number, (relation, told) in enumerate(
        {
            good: [],
            good.replace(", revenue", ""): [(7, "revenue: relation gives no column revenue")],
            good.replace("cast(ordered_at as date)", "dayy(ordered_at)"): [(12, "relation: there is no function dayy")],
        }.items()
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        found = problems(folder, model=model + relation)
        assert [(line, said.replace("columns.", "")) for line, said, _hint in found] == told
    (tmp_path / "file").mkdir()
    secret = "select * from read_csv('/etc/hostname'), orders"
    assert "relation" in problems(tmp_path / "file", model=model + secret)[0][1]
    (tmp_path / "schema").mkdir()
    elsewhere = good.replace("from orders", "from state.orders")
    assert "names a schema before orders" in problems(tmp_path / "schema", model=model + elsewhere)[0][1]
