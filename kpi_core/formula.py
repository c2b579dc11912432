"""Formulas of metrics: arithmetic over names, parsed once, evaluated on numbers.

`None` is "no data" and makes every result None; so does a division by 0. Python's own parser reads the text; only
numbers, names, `model.measure`, + - * / and brackets are let through, nothing is ever executed.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Value = float | None
Lookup = Callable[[str], Value]

_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_LONGEST = 500


class FormulaError(ValueError):
    """The text is not arithmetic over names; the message says where it goes wrong."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A parsed formula. `names` are what it needs, in the order of their first use."""

    text: str
    names: tuple[str, ...]
    tree: ast.expr
    uses: int
    """How often names stand in it."""

    def evaluate(self, lookup: Lookup) -> Value:
        """The value, each name looked up once per use; None if any is None or a divisor is 0."""
        return _evaluate(self.tree, lookup)


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
    elif not (isinstance(node, ast.Constant) and type(node.value) in {int, float}):
        raise FormulaError(f'"{ast.unparse(node)}" has no place in a formula; use names, numbers, + - * / and brackets')


def _reference(node: ast.expr) -> str | None:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=model), attr=measure):
            return f"{model}.{measure}"
        case _:
            return None


def _evaluate(node: ast.expr, lookup: Lookup) -> Value:
    reference = _reference(node)
    if reference is not None:
        return lookup(reference)
    if isinstance(node, ast.Constant):
        return float(node.value)  # type: ignore[arg-type]  # parse_formula lets only numbers through
    if isinstance(node, ast.UnaryOp):
        operand = _evaluate(node.operand, lookup)
        return None if operand is None else -operand
    assert isinstance(node, ast.BinOp)
    left, right = _evaluate(node.left, lookup), _evaluate(node.right, lookup)
    if left is None or right is None or (right == 0 and isinstance(node.op, ast.Div)):
        return None
    return _OPERATORS[type(node.op)](left, right)
