"""A layout as it meets one file: which fields the file has, in which columns, and what the model's columns rest on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field, replace

from kpi_core.errors import DataError
from kpi_core.frozen_dataclass import frozen
from kpi_core.layouts.currencies import may_name_currencies
from kpi_core.layouts.export_layout import Basis, FileField, Layout, MadeColumn, layout
from kpi_core.layouts.recognition import Match, plain_header, recognised, renamed_fields, unlike
from kpi_core.loading.money.amounts import Part
from kpi_core.loading.money.books import exact
from kpi_core.loading.money.source_breaks import declared_breaks, vat_steps
from kpi_core.metrics import CURRENCY, Column, ColumnType, Model
from kpi_core.settings.values import Source
from kpi_core.sources import Raw, SourceFile

_OWN = "kpi_own_"
"""Before the name of a model's column, for the field that kpi.yaml fills it from."""
OWN_CURRENCY = f"{_OWN}{CURRENCY}"
"""The field with the currency of a row's amounts, of which the layout knows nothing."""


@frozen
class FieldCell:
    """A field that the file has: the header and the column of `source` in which it stands, and what it is read as."""

    header: str
    column: str
    reads_as: Column
    written: FileField


@frozen
class FileFields:
    """A file of a source with a layout. Its rows are `first` up to, and without, `end`, counted from 1."""

    source: Source
    model: Model
    match: Match
    first: int
    end: int
    cells: Mapping[str, FieldCell]
    absent: Mapping[str, Column]
    """Fields of the layout that the file has not."""
    made: Mapping[str, MadeColumn]
    """How the model's columns are made, as far as this file has what they rest on."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """All headers of the file, plain, with their columns of `source`."""

    @property
    def layout(self) -> Layout:
        return self.match.layout

    def rests_on(self, column: str) -> tuple[str, ...]:
        """The fields of the file that a column of the model is made of."""
        made = self.made.get(column)
        names = (*made.reads, *self.layout.converted.get(column, ())) if made else ()
        return tuple(name for name in names if name in self.cells)

    def home(self, column: str) -> FieldCell | None:
        """The first cell that a column of the model is made of."""
        return next((self.cells[name] for name in self.rests_on(column)), None)


def files_of(
    source: Source, model: Model, raw: Raw, rows: int, holds_currencies: Callable[[str], bool]
) -> tuple[FileFields, ...]:
    """The files of a source, each with its own header. DataError for one that is not of the layout."""
    listed = raw.files or (SourceFile(source.name, 0, header=tuple(sorted(raw.header))),)
    ends = [*(file.before for file in listed[1:]), rows]
    return tuple(_of_file(source, model, file, end, holds_currencies) for file, end in zip(listed, ends, strict=True))


def _of_file(
    source: Source, model: Model, file: SourceFile, end: int, holds_currencies: Callable[[str], bool]
) -> FileFields:
    assert source.layout is not None
    its = layout(source.layout).filling(model.name)
    header = [written for written, _column in file.header]
    match = recognised(header, its.id, renamed_fields(its, source.columns))
    if match is None:
        message = f"Source {source.name}: {file.label} is not {its.id}."
        hint = "Check path: and layout: in kpi.yaml."
        lacking = ", ".join(unlike(header, its)) or "…"
        params = {"source": source.name, "file": file.label, "layout": its.id, "columns": lacking}
        raise DataError(message, code="source_layout", hint=hint, params=params)
    match = replace(match, layout=its)
    made = _made(source, match)
    types = _types(its, model)
    places = {name: file.header[place] for name, place in match.places.items()}
    fields = {name: (places[name], types[name], its.fields[name]) for name in places}
    columns = {plain_header(written): column for written, column in reversed(file.header)}
    for name, own in _own_fields(source, its, made, columns, file.label):
        made[name] = MadeColumn((_OWN + name,))
        fields[_OWN + name] = (own, model.columns[name].type, FileField())
    own_currency = _own_currency(source, match, file, columns, holds_currencies)
    if own_currency is not None and model.money:
        fields[OWN_CURRENCY] = (own_currency, "text", FileField())
    words = {made[name].fields[0]: model.columns[name].words for name in made if made[name].fields}
    cells = {
        name: FieldCell(written, column, Column(name, kind, words=words.get(name, {})), its_field)
        for name, ((written, column), kind, its_field) in fields.items()
    }
    absent = {name: Column(name, kind) for name, kind in types.items() if name not in cells}
    return FileFields(source, model, match, file.before + 1, end + 1, cells, absent, made, columns)


def _made(source: Source, match: Match) -> dict[str, MadeColumn]:
    """The columns of the model that the file fills; of several fields for one the first that it has."""
    made: dict[str, MadeColumn] = {}
    for name, column in match.layout.columns.items():
        if name in source.set:
            continue
        there = [name for name in column.reads if name in match.headers]
        if column.unless in match.headers:
            made[name] = MadeColumn((column.unless,))
        elif there:
            made[name] = MadeColumn((there[0],)) if column.fields else column
    return made


def _types(its: Layout, model: Model) -> dict[str, ColumnType]:
    """The type of each field: its own, else that of the first column which it fills by itself, else text."""
    filled: dict[str, ColumnType] = {}
    for name, column in its.columns.items():
        converted = its.converted.get(name, ())[:1]
        for field_name in (*column.fields, column.sum, *converted):
            filled.setdefault(field_name, model.columns[name].type)
    return {name: written.type or filled.get(name, "text") for name, written in its.fields.items()}


def _own_fields(
    source: Source, its: Layout, made: Mapping[str, MadeColumn], columns: Mapping[str, str], label: str
) -> Iterator[tuple[str, tuple[str, str]]]:
    """The columns of the model that kpi.yaml fills from a header by itself, where no field of the layout is meant."""
    for name, header in source.columns.items():
        if name == CURRENCY:
            continue
        column = columns.get(plain_header(header))
        if column is None:
            raise _no_column(source, label, header)
        if name not in source.set and not (name in its.columns and its.columns[name].fields and name in made):
            yield name, (header, column)


def _no_column(source: Source, label: str, header: str) -> DataError:
    message = f"Source {source.name}: {label} has no column {header}."
    hint = "Correct columns: in kpi.yaml."
    params = {"source": source.name, "file": label, "columns": header}
    return DataError(message, code="source_header", hint=hint, params=params)


def _own_currency(
    source: Source,
    match: Match,
    file: SourceFile,
    columns: Mapping[str, str],
    holds_currencies: Callable[[str], bool],
) -> tuple[str, str] | None:
    """The column with currencies that kpi.yaml names, or that the file has beside what the layout knows."""
    header = source.columns.get(CURRENCY)
    if header is not None:
        column = columns.get(plain_header(header))
        if column is None:
            raise _no_column(source, file.label, header)
        return header, column
    says = match.layout
    if says.currency in match.headers or match.currency or says.currency_is or says.is_in_own_currency:
        return None
    return next(
        (
            (written, column)
            for written, column in file.header
            if may_name_currencies(written) and (written.casefold() == CURRENCY or holds_currencies(column))
        ),
        None,
    )


def part_of(file: FileFields, types: Mapping[str, str]) -> Part:
    """The rows of a file, by what their amounts are in."""
    there = [name for name in file.model.money if name in file.made]
    cells = {file.cells[field].column for name in there for field in file.rests_on(name)}
    rate = file.source.vat_rate
    breaks = declared_breaks(file.source, file.layout.breaks)
    steps = vat_steps(breaks, file.model)
    vat: dict[str, Basis] = {name: file.source.vat or _basis(file, name) for name in there}
    return Part(
        file.first,
        file.end,
        vat | {name: step.now for name, step in steps.items() if name in vat},
        exact(rate) if rate is not None else None,
        tuple(sorted(column for column in cells if types[column] == "VARCHAR")),
        breaks=breaks,
        constants={**file.layout.set, **file.source.set},
        steps=steps,
    )


def _basis(file: FileFields, column: str) -> Basis:
    """What the headers say of VAT that a column of the model is made of; else what the layout does."""
    bases = {
        basis
        for cell in (file.cells[name] for name in file.rests_on(column))
        for part, basis in cell.written.vat.items()
        if plain_header(part) in plain_header(cell.header)
    }
    return bases.pop() if len(bases) == 1 else file.layout.vat


def present_columns(files: Iterable[FileFields]) -> frozenset[str]:
    """The columns of the model that the files have."""
    return frozenset(
        name
        for file in files
        for name in (*file.made, *file.layout.set, *file.source.set)
        if name in file.model.columns
    )
