"""Formulas are arithmetic over names and nothing else."""

from __future__ import annotations

import pytest

from kpi_core.formula import FormulaError, divisor_of, parse_formula


@pytest.mark.parametrize(
    ("text", "values", "result"),
    [
        ("cost / customers", {"cost": 1000.0, "customers": 4.0}, 250.0),
        ("1000 * spend / impressions", {"spend": 3.0, "impressions": 1500.0}, 2.0),
        ("(revenue - cost) / cost", {"revenue": 350.0, "cost": 100.0}, 2.5),
        ("orders.revenue + costs.tools", {"orders.revenue": 1.0, "costs.tools": 2.0}, 3.0),
        ("-refunds", {"refunds": 2.0}, -2.0),
        ("cost / customers", {"cost": 1000.0, "customers": 0.0}, None),
        ("cost / customers", {"cost": None, "customers": 4.0}, None),
        ("cost + other", {"cost": 1.0, "other": None}, None),
    ],
)
def test_a_formula_is_worked_out_and_no_data_stays_no_data(
    text: str, values: dict[str, float | None], result: float | None
) -> None:
    """None and a divisor of 0 give None, never 0."""
    assert parse_formula(text).evaluate(values.__getitem__) == result


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a +",
        "f(x)",
        "__import__('os')",
        "a.b.c",
        "a if b else c",
        "a ** 9",
        "'text'",
        "[1]",
        "a; b",
        "(" * 300,
        "x" * 501,
    ],
)
def test_anything_but_arithmetic_is_refused(text: str) -> None:
    """Calls, texts, powers and endless brackets never get past the parser."""
    with pytest.raises(FormulaError):
        parse_formula(text)


def test_the_divisor_of_a_ratio_is_known() -> None:
    """So that a zero there can be said in words."""
    assert divisor_of(parse_formula("cost / customers")) == "customers"
    assert divisor_of(parse_formula("cost - customers")) is None
