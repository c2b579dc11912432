"""A layout says what the export file of a tool means: one YAML file in `sources/layouts/<tool>/`, read into values.

    layout("shopify/orders").columns["revenue"]

The id of a layout is its place. What a layout may hold is said by `LAYOUT`, and tried by `layout_of`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from kpi_core.documents.shapes import check
from kpi_core.documents.yaml_file import Document, Steps, read_text
from kpi_core.errors import SettingsError
from kpi_core.frozen_dataclass import frozen
from kpi_core.layouts.layout_form import LAYOUT, fields_in
from kpi_core.metrics import ColumnType, Names

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

Basis = Literal["", "with", "without"]
"""Whether amounts have VAT in them; empty where nothing says so."""
OWN = "own"
"""The currency of amounts that the tool has brought into the firm's own."""
CURRENCY = "{currency}"
"""Stands in the name of a header for an ISO code or a currency's sign."""


@frozen
class FileField:
    """A column of the file. `names` are its headers in the languages of the tool, `pattern` a regular expression."""

    names: tuple[str, ...] = ()
    pattern: str = ""
    type: ColumnType | None = None
    """None: that of the model's column which it fills, else text."""
    zone: str = ""
    """Where its times are read that name none."""
    empty: float | str | None = None
    """What an empty cell means."""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Its words with a meaning, each with what the tool writes for it."""
    vat: Mapping[str, Basis] = field(default_factory=dict)
    """Text of the header -> whether its amounts have VAT in them."""
    part: str = ""
    """What of its text it is, as a regular expression: the order in the number of one of its lines."""
    joined: tuple[str, ...] = ()
    """Fields whose texts follow its own before it is read: a day and its time in two columns."""


@frozen
class MadeColumn:
    """How a column of the model is made: of the first of `fields` that the file has, or as one of the others says."""

    fields: tuple[str, ...] = ()
    sql: str = ""
    """DuckDB's SQL over the typed fields; those that the file has not are NULL."""
    sum: str = ""
    """The same, added up over the lines of a row."""
    made_of: tuple[str, ...] = ()
    """Fields that an id is made of."""
    unless: str = ""
    """The field with the id itself: none is made for a file that has it."""

    @property
    def reads(self) -> tuple[str, ...]:
        """The fields that it may rest on; names in SQL that are no fields are functions of it."""
        return (*self.fields, *fields_in(self.sql), *fields_in(self.sum), *self.made_of)


@frozen
class LeftOutRule:
    """Lines that are rightly no row: all conditions hold.

    `where`: field -> canonical words or texts of the tool. `when`: DuckDB's SQL over the typed fields.
    """

    reason: str
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    present: str = ""
    absent: str = ""
    when: str = ""

    @property
    def reads(self) -> tuple[str, ...]:
        """The fields without which it says nothing; those in SQL that a file has not are NULL there."""
        return tuple(name for name in (*self.where, self.present, self.absent) if name)


@frozen
class Lines:
    """Several lines are one row: those of one `key`. `whole` fields stand once for all of them."""

    key: str
    whole: tuple[str, ...] = ()
    are_apart: bool = False
    """Whether each line is a row, and what is whole stands in all of them."""


@frozen
class Layout:
    """What one kind of export file means; `columns` and `set` make the model's columns."""

    id: str
    tool: str
    title: Names
    table: str
    export: Names
    certainty: Literal["high", "medium", "low"]
    seen: str
    fields: Mapping[str, FileField]
    needs: tuple[str, ...]
    columns: Mapping[str, MadeColumn]
    not_with: tuple[str, ...] = ()
    set: Mapping[str, str] = field(default_factory=dict)
    lines: Lines | None = None
    leave_out: tuple[LeftOutRule, ...] = ()
    currency: str = ""
    """The field with an ISO code a row."""
    currency_is: str = ""
    """The ISO code of all amounts."""
    is_in_own_currency: bool = False
    """Whether the tool itself has brought all amounts into the firm's currency, whatever the file says beside them."""
    converted: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Column of the model -> the fields with the amount that the tool has converted, and with its currency."""
    vat: Basis = ""
    breaks: tuple[str, ...] = ()
    """Names of the days from which on its columns mean something else."""
    daily: str = ""
    """The field with the day, where the tool writes the first one of weeks, months and whole reports there, too."""
    timezone: str = ""
    beside: Mapping[str, Mapping[str, MadeColumn]] = field(default_factory=dict)
    """Other models that its lines fill, a line a row, with their columns."""

    @property
    def folds(self) -> bool:
        """Whether several lines are one row."""
        return self.lines is not None and not self.lines.are_apart

    @property
    def tables(self) -> tuple[str, ...]:
        return (self.table, *self.beside)

    def filling(self, table: str) -> Layout:
        """The layout as it fills one of its tables; KeyError for another."""
        if table == self.table:
            return self
        # A line that is none of its order beside others is one here, and lacks the order's number.
        rules = tuple(rule for rule in self.leave_out if rule.reason != "other_kind")
        lines = replace(self.lines, are_apart=True) if self.lines else None
        return replace(
            self, table=table, columns=self.beside[table], leave_out=rules, lines=lines, set={}, converted={}, beside={}
        )


def layout_ids() -> tuple[str, ...]:
    """The ids of all layouts that are installed, in order."""
    return tuple(sorted(_files()))


def layout(layout_id: str) -> Layout:
    """The layout of an id; KeyError where there is none, SettingsError where it is wrong."""
    return _read(layout_id)


@cache
def layouts() -> Mapping[str, Layout]:
    """All layouts that are installed, by id."""
    return {layout_id: layout(layout_id) for layout_id in layout_ids()}


@cache
def _files() -> Mapping[str, Traversable]:
    top = files("kpi_core") / "sources" / "layouts"
    tools = [folder for folder in top.iterdir() if folder.is_dir()]
    listed = ((folder, file) for folder in tools for file in folder.iterdir() if file.name.endswith(".yaml"))
    return {f"{folder.name}/{file.name.removesuffix('.yaml')}": file for folder, file in listed}


@cache
def _read(layout_id: str) -> Layout:
    return layout_of(_files()[layout_id].read_text("utf-8"), f"{layout_id}.yaml")


def layout_of(text: str, file: str) -> Layout:
    """The layout that a text describes; `file` ends with its id and `.yaml`. SettingsError with all that is wrong."""
    document = read_text(text, file)
    problems = check(document, LAYOUT)
    if not problems:
        problems = [document.problem(path, message, hint) for path, message, hint in _contradictions(document, file)]
    if problems:
        raise SettingsError(problems)
    assert isinstance(document.value, dict)
    return _layout(document.value)


def _contradictions(document: Document, file: str) -> Iterator[tuple[Steps, str, str]]:
    """Names that are none of the file's fields, and parts that exclude each other."""
    value: Any = document.value
    fields = value["fields"]
    if not file.endswith(f"{value['layout']}.yaml"):
        yield ("layout",), f"{value['layout']} does not lie at {file}", "Its id is its folder / its name."
    for path, name in _named(value):
        if name not in fields:
            yield path, f"there is no field {name}", f"There are {', '.join(fields)}."
    for column, made in value["columns"].items():
        if isinstance(made, dict) and "sum" in made and "lines" not in value:
            yield ("columns", column), f"{column} is a sum, but no lines are added up", "Add lines: {key: …}."
        if column in (value.get("set") or {}):
            yield ("set", column), f"{column} stands in columns, too", "Leave one of them out."
    for name, written in fields.items():
        if isinstance(written, dict) and not written.get("names") and not written.get("pattern"):
            yield ("fields", name), f"{name} has no header", "Add names: […] or pattern: …"


def _named(value: Mapping[str, Any]) -> Iterator[tuple[Steps, str]]:
    """Wherever a field is named, outside of SQL."""
    for key in ("needs", "not_with"):
        yield from (((key, number), name) for number, name in enumerate(value.get(key) or ()))
    for name, written in value["fields"].items():
        joined = written.get("joined", ()) if isinstance(written, dict) else ()
        yield from ((("fields", name), each) for each in _texts(joined))
    for tables, column, made in _made_columns(value):
        names = made if isinstance(made, list) else [made] if isinstance(made, str) else made.get("made")
        yield from (((*tables, column), name) for name in (names if isinstance(names, list) else ()))
        if isinstance(made, dict) and "unless" in made:
            yield (*tables, column), made["unless"]
    lines = value.get("lines") or {}
    yield from ((("lines",), name) for name in (*lines.get("whole", ()), *([lines["key"]] if lines else ())))
    for number, rule in enumerate(value.get("leave_out") or ()):
        here = (*rule.get("where", {}), *(rule[key] for key in ("present", "absent") if key in rule))
        yield from ((("leave_out", number), name) for name in here)
    for key in ("currency", "daily"):
        if isinstance(value.get(key), str):
            yield (key,), value[key]
    for column, pair in (value.get("converted") or {}).items():
        yield from ((("converted", column), name) for name in pair)


def _made_columns(value: Mapping[str, Any]) -> Iterator[tuple[Steps, str, Any]]:
    yield from ((("columns",), column, made) for column, made in value["columns"].items())
    for table, columns in (value.get("beside") or {}).items():
        yield from ((("beside", table), column, made) for column, made in columns.items())


def _layout(value: Mapping[str, Any]) -> Layout:
    currency = value.get("currency") or ""
    lines = value.get("lines")
    needs = tuple(value["needs"])
    return Layout(
        id=value["layout"],
        tool=value["tool"],
        title=value["title"],
        table=value["table"],
        export=value["export"],
        certainty=value["certainty"],
        seen=value["seen"],
        fields={name: _field(written) for name, written in value["fields"].items()},
        needs=needs,
        columns={name: _column(made, needs) for name, made in value["columns"].items()},
        not_with=tuple(value.get("not_with") or ()),
        set={name: _written(constant) for name, constant in (value.get("set") or {}).items()},
        lines=Lines(lines["key"], tuple(lines.get("whole") or ())) if lines else None,
        leave_out=tuple(_rule(rule) for rule in value.get("leave_out") or ()),
        currency=currency if isinstance(currency, str) else "",
        currency_is=currency["is"] if isinstance(currency, dict) and currency["is"] != OWN else "",
        is_in_own_currency=isinstance(currency, dict) and currency["is"] == OWN,
        converted={name: tuple(pair) for name, pair in (value.get("converted") or {}).items()},
        vat=value.get("vat") or "",
        breaks=tuple(value.get("breaks") or ()),
        daily=value.get("daily") or "",
        timezone=value.get("timezone") or "",
        beside={
            table: {name: _column(made, needs) for name, made in columns.items()}
            for table, columns in (value.get("beside") or {}).items()
        },
    )


def _field(written: Any) -> FileField:
    if not isinstance(written, dict):
        return FileField(_texts(written))
    words = {word: _texts(texts) for word, texts in (written.get("words") or {}).items()}
    texts = {key: _texts(written.get(key, ())) for key in ("names", "joined")}
    return FileField(**(written | texts | {"words": words}))


def _column(made: Any, needs: tuple[str, ...]) -> MadeColumn:
    if not isinstance(made, dict):
        return MadeColumn(_texts(made))
    if "made" in made:
        of = tuple(made["made"]) if isinstance(made["made"], list) else needs
        return MadeColumn(made_of=of, unless=made.get("unless", ""))
    return MadeColumn(**made)


def _rule(rule: Mapping[str, Any]) -> LeftOutRule:
    where = {name: _texts(texts) for name, texts in (rule.get("where") or {}).items()}
    return LeftOutRule(**(dict(rule) | {"where": where}))


def _texts(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _written(constant: object) -> str:
    return str(constant).lower() if isinstance(constant, bool) else str(constant)
