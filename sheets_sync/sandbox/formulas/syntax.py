"""Formulas as trees: reads `=SUM(A1:B2)/2` into nodes."""

from __future__ import annotations

import functools
from typing import Any

from kpi_core.frozen_dataclass import frozen
from sheets_sync.sandbox.document.a1 import Reference, parse_reference
from sheets_sync.sandbox.document.formula_text import Token, tokens
from sheets_sync.sandbox.formulas.operands import KINDS, FormulaError

# From the loosest to the tightest.
LEVELS: tuple[frozenset[str], ...] = (
    frozenset(["=", "<>", "<", "<=", ">", ">="]),
    frozenset("&"),
    frozenset("+-"),
    frozenset("*/"),
    frozenset("^"),
)


@frozen
class Literal:
    value: Any


@frozen
class Range:
    reference: Reference


@frozen
class Name:
    text: str


@frozen
class Function:
    name: str
    arguments: tuple[Node, ...]


@frozen
class Operation:
    symbol: str
    left: Node
    right: Node


@frozen
class Sign:
    symbol: str
    operand: Node


@frozen
class Percent:
    operand: Node


@frozen
class Array:
    rows: tuple[tuple[Node, ...], ...]


Node = Literal | Range | Name | Function | Operation | Sign | Percent | Array


class UnreadableError(ValueError):
    """The text is no formula."""


@functools.lru_cache(maxsize=4096)
def parse_formula(formula: str, decimal: str = ".") -> Node:
    """The tree of a formula with its leading `=`. Raises UnreadableError."""
    parser = _Parser([token for token in tokens(formula[1:], decimal) if token.kind != "space"], decimal)
    node = parser.level(0)
    if parser.peek() is not None:
        raise UnreadableError(formula)
    return node


class _Parser:
    """Walks the tokens once; each method reads one kind of thing."""

    def __init__(self, tokens: list[Token], decimal: str) -> None:
        self.tokens = tokens
        self.decimal = decimal
        self.place = 0

    def peek(self) -> Token | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def operator(self, symbols: frozenset[str] | str) -> str | None:
        """The next token's text if it is one of the operators, which is then read."""
        token = self.peek()
        if token is None or token.kind != "operator" or token.text not in symbols:
            return None
        self.place += 1
        return token.text

    def must(self, symbol: str) -> None:
        if self.operator(symbol) is None:
            raise UnreadableError(symbol)

    def level(self, depth: int) -> Node:
        if depth == len(LEVELS):
            return self.signed()
        left = self.level(depth + 1)
        while symbol := self.operator(LEVELS[depth]):
            left = Operation(symbol, left, self.level(depth + 1))
        return left

    def signed(self) -> Node:
        # As in Sheets a sign binds tighter than `^`: -2^2 is 4.
        symbol = self.operator("+-")
        if symbol:
            return Sign(symbol, self.signed())
        node = self.single()
        while self.operator("%"):
            node = Percent(node)
        return node

    def single(self) -> Node:
        token = self.peek()
        if token is None:
            raise UnreadableError
        self.place += 1
        if token.kind == "operator":
            return self.bracketed(token.text)
        return self.plain(token)

    def bracketed(self, symbol: str) -> Node:
        if symbol == "(":
            node = self.level(0)
            self.must(")")
            return node
        if symbol == "{":
            return self.array()
        raise UnreadableError(symbol)

    def plain(self, token: Token) -> Node:
        text = token.text
        if token.kind == "number":
            value = float(text.replace(self.decimal, "."))
            return Literal(int(value) if value.is_integer() and abs(value) < 2**53 else value)
        if token.kind == "string":
            return Literal(text[1:-1].replace('""', '"'))
        if token.kind == "error":
            return Literal(FormulaError(KINDS.get(text, "ERROR"), "Reference does not exist"))
        if token.kind == "function":
            self.must("(")
            return Function(text.upper(), self.arguments())
        reference = parse_reference(text) if token.kind == "reference" else None
        if reference:
            return Range(reference)
        if token.kind == "name":
            return Literal(text.upper() == "TRUE") if text.upper() in ("TRUE", "FALSE") else Name(text)
        raise UnreadableError(text)

    def arguments(self) -> tuple[Node, ...]:
        """Up to the closing bracket; a missing one between commas is empty."""
        arguments: list[Node] = []
        if self.operator(")"):
            return ()
        while True:
            token = self.peek()
            empty = token is not None and token.kind == "operator" and token.text in ",;)"
            arguments.append(Literal(None) if empty else self.level(0))
            if self.operator(")"):
                return tuple(arguments)
            if self.operator(",;") is None:
                raise UnreadableError

    def array(self) -> Node:
        rows: list[tuple[Node, ...]] = []
        row: list[Node] = []
        while True:
            row.append(self.level(0))
            # A backslash parts columns where the comma is the decimal sign.
            symbol = self.operator(",;\\}")
            if symbol is None:
                raise UnreadableError
            if symbol in (";", "}"):
                rows.append(tuple(row))
                row = []
            if symbol == "}":
                return Array(tuple(rows))
