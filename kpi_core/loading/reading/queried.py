"""The columns of a source as `query:` sees them: text as numbers and dates where every single value is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kpi_core.loading.reading.numerals import Decimal
from kpi_core.loading.reading.texts import matches
from kpi_core.sql.quoting import quoted

Run = Callable[[str], list[tuple[Any, ...]]]

_WHOLE = ("BIGINT", r"[+-]?(0|[1-9][0-9]{0,17})")
_POINT = ("DOUBLE", r"[+-]?(0|[1-9][0-9]*)?(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_OTHERS = (
    ("DATE", r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    ("TIMESTAMP", r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?"),
)
_OPEN = r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}"
_COMMA = r"[+-]?(0|[1-9][0-9]*|[1-9][0-9]{0,2}(\.[0-9]{3})+)(,[0-9]+)?"
_PROVES_COMMA = r".*,.*|.*\..*\..*"


def typed_for_queries(types: Mapping[str, str], run: Run, declared: Decimal) -> str:
    """What to select from `source_rows`. A column of which nothing says whether 1.000 is 1 or 1000 stays text."""
    return ", ".join(_selected(quoted(name), kind, run, declared) for name, kind in types.items())


def _selected(column: str, kind: str, run: Run, declared: Decimal) -> str:
    if kind != "VARCHAR":
        return column
    if _all_fit(column, _WHOLE, run):
        return f"CAST({column} AS BIGINT) AS {column}"
    if declared != "," and _all_fit(column, _POINT, run):
        is_proven = declared == "." or _some(f"{column} IS NOT NULL AND NOT {matches(column, _OPEN)}", column, run)
        return f"CAST({column} AS DOUBLE) AS {column}" if is_proven else column
    if declared != "." and _is_comma(column, run, declared):
        return f"CAST({_pointed(column)} AS DOUBLE) AS {column}"
    fits = next((to for to, form in _OTHERS if _all_fit(column, (to, form), run)), None)
    return f"CAST({column} AS {fits}) AS {column}" if fits else column


def _is_comma(column: str, run: Run, declared: Decimal) -> bool:
    proof = (
        "true" if declared == "," else f"{matches(column, _PROVES_COMMA)} AND NOT {matches(column, '[^,]*,[0-9]{3}')}"
    )
    return _all_fit(column, ("DOUBLE", _COMMA), run, _pointed(column)) and _some(proof, column, run)


def _pointed(column: str) -> str:
    return f"replace(replace({column}, '.', ''), ',', '.')"


def _some(condition: str, column: str, run: Run) -> bool:
    sql = f"SELECT count(*) FILTER ({column} IS NOT NULL AND {condition}) > 0 FROM source_rows"  # noqa: S608
    return bool(run(sql)[0][0])


def _all_fit(column: str, form: tuple[str, str], run: Run, value: str = "") -> bool:
    to, pattern = form
    sql = f"""
        SELECT count({column}) > 0 AND count(*) FILTER (
            {column} IS NOT NULL AND (NOT {matches(column, pattern)} OR TRY_CAST({value or column} AS {to}) IS NULL)
        ) = 0 FROM source_rows"""  # noqa: S608
    return bool(run(sql)[0][0])
