# ruff: noqa: S608  (SQL is put together from quoted names)
"""What of the files of a source with a layout did not fit: by the column as the file names it, with its lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from kpi_core.loading.laid_out.file_fields import FileFields
from kpi_core.loading.laid_out.folded_rows import MISREAD, LaidOut, cell_text
from kpi_core.sources import EXAMPLES, Place, Raw, Rejection

if TYPE_CHECKING:
    import duckdb


def laid_out_rejections(laid: LaidOut, raw: Raw, into: duckdb.DuckDBPyConnection, mark: str) -> list[Rejection]:
    """What the list `mark` of each row of `typed` names; of values that are left empty only those of good rows."""
    together: dict[tuple[str, str, bool, str], Rejection] = {}
    for file in laid.files:
        for rejection in _of_file(file, raw, into, mark):
            key = (rejection.column, rejection.header, rejection.is_open, rejection.reason)
            before = together.get(key)
            count, examples = (before.count, before.examples) if before else (0, ())
            both = (*examples, *rejection.examples)[:EXAMPLES]
            together[key] = Rejection(
                rejection.column,
                count + rejection.count,
                both,
                rejection.reason,
                is_open=rejection.is_open,
                header=rejection.header,
            )
    return list(together.values())


def _of_file(file: FileFields, raw: Raw, into: duckdb.DuckDBPyConnection, mark: str) -> Iterator[Rejection]:
    good = "AND len(bad) = 0" if mark == "emptied" else ""
    marked = into.execute(f"""
        WITH marked AS (
            SELECT "row", open, unnest({mark}) AS name FROM typed
            WHERE "row" >= {file.first} AND "row" < {file.end} {good}),
        cells AS (
            SELECT name, "row", min_by(field, line) AS field, min(line) AS line, min_by(differs, line) AS differs
            FROM {MISREAD} GROUP BY ALL)
        SELECT marked.name, list_contains(open, marked.name), coalesce(differs, false), count(*),
            list([coalesce(line, marked."row")::VARCHAR, field] ORDER BY line IS NULL, marked."row")[1:{EXAMPLES}]
        FROM marked LEFT JOIN cells ON cells.name = marked.name AND cells."row" = marked."row"
        GROUP BY ALL ORDER BY min(marked."row"), 1""").fetchall()
    for name, is_open, differs, count, places in marked:
        home = file.home(name)
        examples = tuple(_examples(file, name, places, raw, into))
        reason: Literal["value", "differs"] = "differs" if differs else "value"
        yield Rejection(name, count, examples, reason, is_open=is_open, header=home.header if home else name)


def _examples(
    file: FileFields, name: str, places: Sequence[tuple[str, str | None]], raw: Raw, into: duckdb.DuckDBPyConnection
) -> Iterator[tuple[Place, str]]:
    for line, field in places:
        usual = next(iter(file.rests_on(name)), "")
        yield raw.place(int(line)), cell_text(file, field or usual, int(line), into)
