"""The functions that formulas may call; each takes worked-out arguments (plain values or grids)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Any

from sheets_sync.sandbox.formulas.operands import (
    FormulaError,
    Grid,
    Stop,
    number,
    numbers,
    order_key,
    same,
    text,
    truth,
)
from sheets_sync.sandbox.notation.number_patterns import display_text, moment_of

Plain = Callable[..., Any]


def one(value: Any) -> Any:
    """The single value of an argument: the first of a grid."""
    return next(value.flat(), None) if isinstance(value, Grid) else value


def values(arguments: tuple[Any, ...]) -> list[Any]:
    return [item for part in arguments for item in (part.flat() if isinstance(part, Grid) else [part])]


def as_grid(value: Any) -> Grid:
    return value if isinstance(value, Grid) else Grid(((value,),))


def average(*arguments: Any) -> float:
    sample = numbers(arguments)
    if not sample:
        raise Stop("DIVIDE_BY_ZERO", "Evaluation of function AVERAGE caused a divide by zero error.")
    return math.fsum(sample) / len(sample)


def total(*arguments: Any) -> float:
    addends = numbers(arguments)
    # fsum keeps ten times 0.1 at 1; whole numbers stay whole.
    return sum(addends) if all(isinstance(item, int) for item in addends) else math.fsum(addends)


def median(*arguments: Any) -> float:
    sample = sorted(numbers(arguments))
    if not sample:
        raise Stop("NUM", "MEDIAN has no valid input data.")
    middle = len(sample) // 2
    return sample[middle] if len(sample) % 2 else (sample[middle - 1] + sample[middle]) / 2


def rounded(mode: str) -> Plain:
    def function(value: Any, places: Any = 0) -> float:
        step = Decimal(1).scaleb(-int(number(one(places))))
        # By the digits that people see: 1.005 becomes 1.01, though its double lies below.
        exact = Decimal(repr(float(number(one(value)))))
        return float((exact / step).quantize(Decimal(1), rounding=mode) * step)

    return function


def modulo(value: Any, divisor: Any) -> float:
    if not number(one(divisor)):
        raise Stop("DIVIDE_BY_ZERO", "Function MOD parameter 2 cannot be zero.")
    return number(one(value)) % number(one(divisor))


def criterion(condition: Any) -> Callable[[Any], bool]:
    """A condition as SUMIF reads it: `>5`, `<>x`, `a*`, or a value."""
    condition = one(condition)
    match = re.fullmatch(r"(<=|>=|<>|<|>|=)(.*)", condition, re.DOTALL) if isinstance(condition, str) else None
    symbol, right = match.groups() if match else ("=", condition)
    if isinstance(right, str) and re.fullmatch(r"-?\d+(\.\d+)?", right):
        right = float(right)
    if isinstance(right, str) and re.search(r"[*?]", right):
        pattern = re.compile(re.escape(right).replace(r"\*", ".*").replace(r"\?", "."), re.IGNORECASE)
        return lambda value: (pattern.fullmatch(text(value)) is not None) == (symbol == "=")
    tests: dict[str, Callable[[Any, Any], bool]] = {
        "=": same,
        "<>": lambda left, right: not same(left, right),
        "<": lambda left, right: order_key(left) < order_key(right),
        ">": lambda left, right: order_key(left) > order_key(right),
        "<=": lambda left, right: order_key(left) <= order_key(right),
        ">=": lambda left, right: order_key(left) >= order_key(right),
    }
    test = tests[symbol]

    def holds(value: Any) -> bool:
        # A text is never equal to a number, and never more or less than one.
        kinds_differ = isinstance(right, float | int) != (
            isinstance(value, int | float) and not isinstance(value, bool)
        )
        if isinstance(value, FormulaError) or (value is None and symbol != "<>"):
            return False
        return symbol == "<>" if kinds_differ else test(value, right)

    return holds


def picked(condition_range: Any, condition: Any, values_range: Any = None) -> list[float]:
    holds = criterion(condition)
    taken = list(as_grid(condition_range if values_range is None else values_range).flat())
    matches = [taken[place] for place, value in enumerate(as_grid(condition_range).flat()) if holds(value)]
    return numbers((Grid((tuple(matches),)),))


def matching(arguments: tuple[Any, ...]) -> list[int]:
    """The places where every condition of `range, criterion, range, criterion, …` holds."""
    pairs = [
        (list(as_grid(part).flat()), criterion(condition))
        for part, condition in zip(arguments[::2], arguments[1::2], strict=True)
    ]
    return [place for place in range(len(pairs[0][0])) if all(holds(cells[place]) for cells, holds in pairs)]


def sum_ifs(values_range: Any, *conditions: Any) -> float:
    cells = list(as_grid(values_range).flat())
    return math.fsum(numbers((Grid((tuple(cells[place] for place in matching(conditions)),)),)))


def look_up(search_key: Any, searched: Any, results: Any, missing: Any = None) -> Any:
    search_cells, result_cells = list(as_grid(searched).flat()), list(as_grid(results).flat())
    for place, value in enumerate(search_cells):
        if value is not None and same(value, one(search_key)):
            return result_cells[place]
    if missing is None:
        raise Stop("N_A", f"Did not find value '{text(one(search_key))}' in XLOOKUP evaluation.")
    return one(missing)


def average_if(condition_range: Any, condition: Any, values_range: Any = None) -> float:
    sample = picked(condition_range, condition, values_range)
    if not sample:
        raise Stop("DIVIDE_BY_ZERO", "Evaluation of function AVERAGEIF caused a divide by zero error.")
    return math.fsum(sample) / len(sample)


def sum_product(*arguments: Any) -> float:
    columns = [[number(value) for value in as_grid(part).flat()] for part in arguments]
    return math.fsum(math.prod(row) for row in zip(*columns, strict=True))


def index(grid: Any, row: Any = 0, column: Any = 0) -> Any:
    whole, down, right = as_grid(grid), int(number(one(row))), int(number(one(column)))
    # In a single row the one index there is counts columns.
    if whole.height == 1 and not right:
        down, right = (1, down) if down else (0, 0)
    if down > whole.height or right > whole.width:
        raise Stop("NUM", "INDEX is out of range.")
    rows = whole.rows[down - 1 : down] if down else whole.rows
    cells = tuple(row_[right - 1 : right] if right else row_ for row_ in rows)
    return cells[0][0] if len(cells) == 1 and len(cells[0]) == 1 else Grid(cells, spills=True)


def match_place(search_key: Any, grid: Any, kind: Any = 1) -> int:
    key, cells = one(search_key), list(as_grid(grid).flat())
    if not number(one(kind)):
        places = [place for place, value in enumerate(cells, 1) if value is not None and same(value, key)]
    else:
        places = [
            place
            for place, value in enumerate(cells, 1)
            if value is not None and order_key(value) <= order_key(key)
            # Without an exact match: the last that is not larger, as in a sorted list.
        ][-1:]
    if not places:
        raise Stop("N_A", f"Did not find value '{text(key)}' in MATCH evaluation.")
    return places[0]


def vertical_lookup(search_key: Any, grid: Any, column: Any, is_sorted: Any = True) -> Any:
    whole = as_grid(grid)
    first = Grid(tuple((row[0],) for row in whole.rows))
    row = match_place(search_key, first, 1 if truth(one(is_sorted)) else 0)
    return index(whole, row, column)


def date(year: Any, month: Any, day: Any) -> int:
    from datetime import date as calendar_date

    whole = int(number(one(year))) * 12 + int(number(one(month))) - 1
    first = calendar_date(whole // 12, whole % 12 + 1, 1)
    # Month 13 is next January, day 0 the last of the month before.
    return first.toordinal() - calendar_date(1899, 12, 30).toordinal() + int(number(one(day))) - 1


def date_part(name: str) -> Plain:
    return lambda value: getattr(moment_of(number(one(value))), name)


def formatted(value: Any, pattern: Any) -> str:
    return display_text(one(value), {"type": "NUMBER", "pattern": text(one(pattern))})


def joined(delimiter: Any, skip_empty: Any, *arguments: Any) -> str:
    parts = [text(value) for value in values(arguments)]
    return text(one(delimiter)).join(part for part in parts if part or not truth(one(skip_empty)))


def unique(grid: Any) -> Grid:
    return Grid(tuple(dict.fromkeys(as_grid(grid).rows)), spills=True)


def filtered(grid: Any, *conditions: Any) -> Grid:
    masks = [[truth(value) for value in as_grid(condition).flat()] for condition in conditions]
    rows = tuple(row for place, row in enumerate(as_grid(grid).rows) if all(mask[place] for mask in masks))
    if not rows:
        raise Stop("N_A", "No matches are found in FILTER evaluation.")
    return Grid(rows, spills=True)


def sequence(rows: Any, columns: Any = 1, start: Any = 1, step: Any = 1) -> Grid:
    high, wide, first, by = (number(one(value)) for value in (rows, columns, start, step))
    lines = [[first + by * (row * wide + column) for column in range(int(wide))] for row in range(int(high))]
    return Grid(tuple(tuple(line) for line in lines), spills=True)


def middle(value: Any, start: Any, length: Any) -> str:
    first = int(number(one(start))) - 1
    return text(one(value))[first : first + int(number(one(length)))]


def not_available() -> None:
    raise Stop("N_A", "Evaluation of function NA produced an error.")


def largest(choose: Callable[[list[float]], float]) -> Plain:
    # Of nothing the largest and the smallest are 0 in Sheets.
    return lambda *arguments: choose(numbers(arguments) or [0])


FUNCTIONS: dict[str, Plain] = {
    "SUM": total,
    "AVERAGE": average,
    "MEDIAN": median,
    "MIN": largest(min),
    "MAX": largest(max),
    "PRODUCT": lambda *arguments: math.prod(numbers(arguments)),
    "COUNT": lambda *arguments: sum(isinstance(v, int | float) and not isinstance(v, bool) for v in values(arguments)),
    "COUNTA": lambda *arguments: sum(value is not None for value in values(arguments)),
    "COUNTBLANK": lambda grid: sum(value in (None, "") for value in as_grid(grid).flat()),
    "SUMIF": lambda *arguments: math.fsum(picked(*arguments)),
    "COUNTIF": lambda grid, condition: sum(map(criterion(condition), as_grid(grid).flat())),
    "AVERAGEIF": average_if,
    "SUMIFS": sum_ifs,
    "COUNTIFS": lambda *conditions: len(matching(conditions)),
    "XLOOKUP": look_up,
    "SUMPRODUCT": sum_product,
    "ROUND": rounded(ROUND_HALF_UP),
    "ROUNDUP": rounded(ROUND_UP),
    "ROUNDDOWN": rounded(ROUND_DOWN),
    "INT": lambda value: math.floor(number(one(value))),
    "ABS": lambda value: abs(number(one(value))),
    "SQRT": lambda value: math.sqrt(number(one(value))),
    "POWER": lambda value, power: number(one(value)) ** number(one(power)),
    "MOD": modulo,
    "AND": lambda *arguments: all(truth(value) for value in values(arguments) if value is not None),
    "OR": lambda *arguments: any(truth(value) for value in values(arguments) if value is not None),
    "NOT": lambda value: not truth(one(value)),
    "LEN": lambda value: len(text(one(value))),
    "UPPER": lambda value: text(one(value)).upper(),
    "LOWER": lambda value: text(one(value)).lower(),
    "TRIM": lambda value: " ".join(text(one(value)).split()),
    "LEFT": lambda value, count=1: text(one(value))[: int(number(one(count)))],
    "RIGHT": lambda value, count=1: text(one(value))[-int(number(one(count))) :] if number(one(count)) else "",
    "MID": middle,
    "SUBSTITUTE": lambda value, old, new: text(one(value)).replace(text(one(old)), text(one(new))),
    "CONCATENATE": lambda *arguments: "".join(text(value) for value in values(arguments)),
    "CONCAT": lambda left, right: text(one(left)) + text(one(right)),
    "TEXTJOIN": joined,
    "TEXT": formatted,
    "VALUE": lambda value: number(one(value)),
    "DATE": date,
    "YEAR": date_part("year"),
    "MONTH": date_part("month"),
    "DAY": date_part("day"),
    "INDEX": index,
    "MATCH": match_place,
    "VLOOKUP": vertical_lookup,
    "ROWS": lambda grid: as_grid(grid).height,
    "COLUMNS": lambda grid: as_grid(grid).width,
    "TRANSPOSE": lambda grid: Grid(tuple(zip(*as_grid(grid).rows, strict=True)), spills=True),
    "UNIQUE": unique,
    "FILTER": filtered,
    "SEQUENCE": sequence,
    "ISBLANK": lambda value: one(value) is None,
    "ISNUMBER": lambda value: isinstance(one(value), int | float) and not isinstance(one(value), bool),
    "ISTEXT": lambda value: isinstance(one(value), str),
    "NA": not_available,
    "TRUE": lambda: True,
    "FALSE": lambda: False,
    "HYPERLINK": lambda address, label=None: one(address) if label is None else one(label),
    "SPARKLINE": lambda *_: None,
    "IMAGE": lambda *_: None,
}
