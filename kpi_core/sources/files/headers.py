"""Which record of a file is its header: the one that kpi.yaml names, that a layout knows, or the first. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from kpi_core.errors import DataError
from kpi_core.frozen_dataclass import frozen
from kpi_core.sources import ReadRequest
from kpi_core.sources.files.text_file import OPENING, Record, opening

IsHeader = Callable[[Sequence[str]], bool]


@frozen
class HeaderRule:
    """How the header is told from other records; without any of the three it is the first."""

    line: int | None = None
    """The line it stands on."""
    skip: int | None = None
    """How many lines stand above it."""
    is_header: IsHeader | None = None

    @property
    def is_declared(self) -> bool:
        return self.line is not None or self.skip is not None


def header_rule(request: ReadRequest, is_header: IsHeader | None = None) -> HeaderRule:
    """What a source says with `header:` and `skip:`. DataError where it says both."""
    line, skip = request.number("header"), request.number("skip")
    if line is not None and skip is not None:
        message = f"Source {request.source.name} has both skip: and header:."
        raise DataError(message, code="source_option", hint="Leave one of them out.")
    return HeaderRule(None if line is None else int(line), None if skip is None else int(skip), is_header)


def header_record(records: Iterable[Record], is_header: IsHeader) -> int | None:
    """The line of the header among the first records."""
    return next((line for line, cells in opening(records) if is_header(cells)), None)


def header_line(records: Sequence[Record], rule: HeaderRule, label: str) -> int | None:
    """The line of the header among the first records; None where there is none. DataError where that must be wrong."""
    if rule.line is not None:
        if not any(line == rule.line for line, _cells in records):
            raise _no_header(label, rule.line)
        return rule.line
    if rule.skip is not None:
        line = next((line for line, _cells in records if line > (rule.skip or 0)), None)
        if line is None:
            raise _no_header(label, rule.skip + 1)
        return line
    if rule.is_header is not None:
        return header_record(records, rule.is_header)
    better = _better_than_the_first(records)
    if better is not None:
        raise _above_the_header(label, records[0], better)
    return records[0][0] if records else None


def _better_than_the_first(records: Sequence[Record]) -> int | None:
    """The line on which a header must stand, where the first record is none; None where it may be one."""
    filled = [(line, len(cells), sum(bool(cell.strip()) for cell in cells)) for line, cells in records]
    widths = Counter(width for _line, width, there in filled if there)
    if len(records) < 2 or not widths:
        return None
    width = max(widths, key=lambda each: (each > 1, widths[each], each))
    first = filled[0]
    # A title of one cell, alone or filled up with empty ones; or more cells in every row than in the header.
    is_title = first[2] <= 1 and width > 2 and first[1] in {1, width}
    is_narrow = 1 < first[1] < width and all(wide > first[1] and there > first[1] for _line, wide, there in filled[1:])
    if not is_title and not is_narrow:
        return None
    return next((line for line, wide, there in filled[1:] if wide == width and there > max(1, width // 2)), None)


def _no_header(label: str, line: int) -> DataError:
    message = f"{label} has no header on line {line}: it is empty, or too far down."
    hint = f"Check skip: or header: of the source; a header stands among the first {OPENING} lines that are not empty."
    return DataError(message, code="source_header_line", hint=hint, params={"file": label, "line": str(line)})


def _above_the_header(label: str, first: Record, line: int) -> DataError:
    text = next((cell.strip() for cell in first[1] if cell.strip()), "")[:60]
    message = f"{label}: line {first[0]} is no header: {text}"
    hint = f"Add header: {line} to the source, or skip: {line - 1}."
    params = {"file": label, "line": str(line), "above": str(line - 1), "text": text, "first": str(first[0])}
    return DataError(message, code="source_above_header", hint=hint, params=params)
