"""A formula of dbt, which is SQL, as arithmetic of ours: the same numbers, and no data where it divides by 0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kpi_core.exchange.carried import NotCarriedError

if TYPE_CHECKING:
    from sqlglot import exp


def formula_of_sql(sql: str, names: Mapping[str, str]) -> str:
    """The formula over `names`, which says what each name of the SQL is called. NotCarriedError for other SQL."""
    from sqlglot.errors import SqlglotError

    from kpi_core.sql.fragments import fragment

    try:
        tree = fragment(sql)
    except SqlglotError as error:
        raise NotCarriedError(f"{sql} cannot be read as SQL") from error
    return formula_of_tree(tree, names)


def formula_of_tree(tree: exp.Expr, names: Mapping[str, str]) -> str:
    """The same of SQL that is a tree already."""
    return _text(tree, names)


def _text(node: exp.Expr, names: Mapping[str, str]) -> str:
    from sqlglot import exp

    signs: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
    if type(node) in signs:
        text = f"{_text(node.left, names)} {signs[type(node)]} {_text(node.right, names)}"  # type: ignore[attr-defined]
    elif isinstance(node, exp.Paren):
        text = f"({_text(node.this, names)})"
    elif isinstance(node, exp.Neg):
        text = f"-{_text(node.this, names)}"
    elif isinstance(node, exp.Column) and not node.table and node.name in names:
        text = names[node.name]
    elif isinstance(node, exp.Literal) and not node.is_string:
        text = str(node.this)
    elif _says_nothing(node):
        text = f"({_text(node.this, names)})" if isinstance(node.this, exp.Binary) else _text(node.this, names)
    else:
        result = node.sql(dialect="duckdb")
        raise NotCarriedError(f"{result} has no place in a formula; use names, numbers, + - * /")
    return text


def _says_nothing(node: exp.Expr) -> bool:
    """A number is one whatever it is cast to, and a division by 0 is no data here anyhow."""
    from sqlglot import exp

    if isinstance(node, exp.Cast):
        return node.to.is_type(*exp.DataType.REAL_TYPES)
    divides = isinstance(node.parent, exp.Div) and node.parent.expression is node
    return isinstance(node, exp.Nullif) and node.expression.sql() == "0" and divides
