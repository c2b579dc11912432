"""Formulas of metrics: arithmetic over names, parsed once, evaluated on numbers.

`None` is "no data" and makes every result None; so does a division by 0. Python's own parser reads the text; only
numbers, names, `model.measure`, + - * / and brackets are let through, nothing is ever executed.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TypeVar

from kpi_core.frozen_dataclass import frozen

Value = float | None
Lookup = Callable[[str], Value]
Given = TypeVar("Given")
"""What the names of a formula are looked up in."""

_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_LONGEST = 500
# Beyond it, whole numbers are no longer exact.
_GREATEST = 1e15


class FormulaError(ValueError):
    """The text is not arithmetic over names; the message says where it goes wrong."""


@frozen
class Formula:
    """A parsed formula. `names` are what it needs, in the order of their first use."""

    text: str
    names: tuple[str, ...]
    tree: ast.expr
    uses: int
    """How often names stand in it."""

    def evaluate(self, lookup: Lookup) -> Value:
        """The value, each name looked up once per use; None if any is None or a divisor is 0."""

        def in_lookup(name: str) -> Callable[[Lookup], Value]:
            return lambda look: look(name)

        return self.bound(in_lookup)(lookup)

    def bound(self, resolve: Callable[[str], Callable[[Given], Value]]) -> Callable[[Given], Value]:
        """The formula as a function, for use over and over: `resolve` says once how each name is looked up."""
        return _bound(self.tree, resolve)


def parse_formula(text: str) -> Formula:
    """Read `acquisition_cost / new_customers`. FormulaError for anything but arithmetic."""
    if len(text) > _LONGEST:
        raise FormulaError(f"a formula has at most {_LONGEST} characters")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FormulaError(f'"{text}" is not a formula') from error
    names = tuple(_names(tree))
    return Formula(text=text.strip(), names=tuple(dict.fromkeys(names)), tree=tree, uses=len(names))


@frozen
class Quotient:
    """`over / under`, times a number."""

    over: Formula
    under: Formula
    factor: float


def quotient_of(formula: Formula) -> Quotient | None:
    """The two sides of a formula that divides last, as `a / b`, `1000 * a / b` or `(a - b) / c * 100` do."""
    tree, factor = formula.tree, 1.0
    while isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Mult):
        number, other = (tree.left, tree.right) if isinstance(tree.left, ast.Constant) else (tree.right, tree.left)
        if not isinstance(number, ast.Constant):
            return None
        factor *= float(number.value)  # type: ignore[arg-type]  # parse_formula lets only numbers through
        tree = other
    if not (isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Div)):
        return None
    over, under = (parse_formula(ast.unparse(side)) for side in (tree.left, tree.right))
    return Quotient(over, under, factor)


def divisor_of(formula: Formula) -> str | None:
    """The name a ratio divides by, where the formula is `a / b`; None otherwise."""
    tree = formula.tree
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Div):
        return _reference(tree.right)
    return None


def _names(node: ast.expr) -> Iterator[str]:
    reference = _reference(node)
    if reference is not None:
        yield reference
    elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        yield from _names(node.left)
        yield from _names(node.right)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield from _names(node.operand)
    # By the very type, for True is an int to Python.
    elif isinstance(node, ast.Constant) and type(node.value) in {int, float}:
        if not -_GREATEST <= node.value <= _GREATEST:  # type: ignore[operator]  # a number, as just seen
            raise FormulaError("a number of the formula is too large")
    else:
        raise FormulaError(f'"{ast.unparse(node)}" has no place in a formula; use names, numbers, + - * / and brackets')


def _reference(node: ast.expr) -> str | None:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=model), attr=measure):
            return f"{model}.{measure}"
        case _:
            return None


def _bound(node: ast.expr, resolve: Callable[[str], Callable[[Given], Value]]) -> Callable[[Given], Value]:
    reference = _reference(node)
    if reference is not None:
        return resolve(reference)
    if isinstance(node, ast.Constant):
        number = float(node.value)  # type: ignore[arg-type]  # parse_formula lets only numbers through
        return lambda _given: number
    if isinstance(node, ast.UnaryOp):
        return _negative(_bound(node.operand, resolve))
    assert isinstance(node, ast.BinOp)
    return _operation(type(node.op), _bound(node.left, resolve), _bound(node.right, resolve))


def _negative(operand: Callable[[Given], Value]) -> Callable[[Given], Value]:
    def negative(scope: Given) -> Value:
        value = operand(scope)
        return None if value is None else -value

    return negative


def _operation(
    kind: type[ast.operator], left: Callable[[Given], Value], right: Callable[[Given], Value]
) -> Callable[[Given], Value]:
    apply, divides = _OPERATORS[kind], kind is ast.Div

    def operation(scope: Given) -> Value:
        one, other = left(scope), right(scope)
        if one is None or other is None or (divides and other == 0):
            return None
        return apply(one, other)

    return operation


@lru_cache(maxsize=4096)
def formula_of(text: str) -> Formula:
    return parse_formula(text)
