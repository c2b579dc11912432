"""The pages of docs/exports: a page a tool, made from the layouts of its exports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from kpi_core.layouts.export_layout import FileField, Layout, MadeColumn, layouts
from kpi_core.phrases import say

_LANGUAGES = {"en": "English", "ko": "한국어", "zh-TW": "繁體中文"}
_SURE = {
    "high": "The headers were seen in real exports.",
    "medium": "Most headers were seen in real exports, the others are from the tool's documentation or from memory.",
    "low": "Few of the headers could be confirmed: look at the rows that `kpi add` shows.",
}
_MADE = "<!-- Written by `make docs`; edit the files under kpi_core/sources/layouts instead. -->"


def export_pages() -> Mapping[str, str]:
    """File name in docs/exports -> text."""
    by_tool = {
        folder: list(each)
        for folder, each in groupby(layouts().values(), key=lambda layout: layout.id.partition("/")[0])
    }
    pages = {f"{folder}.md": "\n".join(_page(each)) + "\n" for folder, each in by_tool.items()}
    return {"README.md": "\n".join(_index(by_tool)) + "\n"} | pages


def _index(by_tool: Mapping[str, list[Layout]]) -> Iterator[str]:
    yield "# Exports that are known"
    yield _MADE
    yield ""
    yield "`kpi add FILE` knows these by their headers, not by their names; [how](../how-to/add-your-files.md)."
    yield "Tried with made-up files whose headers are as the tools write them, not with the tools themselves."
    yield ""
    yield "| Export | Fills |"
    yield "| --- | --- |"
    for folder, each in by_tool.items():
        for layout in each:
            yield f"| [{layout.title['en']}]({folder}.md) | {layout.table} |"


def _page(each: list[Layout]) -> Iterator[str]:
    yield f"# {each[0].title['en'].partition(',')[0]}"
    yield _MADE
    for layout in each:
        yield from _layout(layout)


def _layout(layout: Layout) -> Iterator[str]:
    yield ""
    yield f"## {layout.title['en']} (`{layout.id}`)"
    yield ""
    yield "How to export:"
    yield ""
    yield from (f"- {name}: {layout.export.get(language, '')}" for language, name in _LANGUAGES.items())
    yield ""
    yield f"What is read, into `{layout.table}`:"
    yield ""
    yield "| Column | From |"
    yield "| --- | --- |"
    yield from (f"| {column} | {_from(made, layout.fields)} |" for column, made in layout.columns.items())
    yield from (f"| {column} | always “{value}” |" for column, value in layout.set.items())
    yield ""
    yield from _facts(layout)


def _facts(layout: Layout) -> Iterator[str]:
    if layout.lines is not None:
        yield f"- Lines with one {_name(layout.fields[layout.lines.key])} are one row."
    for table, columns in layout.beside.items():
        listed = ", ".join(f"{column} {_from(made, layout.fields)}" for column, made in columns.items())
        yield f"- Its lines fill `{table}`, too: {listed}."
    reasons = dict.fromkeys(say("en", f"left_out_reason.{rule.reason}") for rule in layout.leave_out)
    if reasons:
        yield f"- Left out and counted: {', '.join(reasons)}."
    if layout.currency:
        yield f"- Currency: as {_name(layout.fields[layout.currency])} says."
    elif layout.currency_is:
        yield f"- Currency: {layout.currency_is}."
    if layout.vat:
        yield f"- Amounts are {layout.vat} VAT."
    if layout.timezone:
        yield f"- Times are in {layout.timezone}."
    yield f"- {_SURE[layout.certainty]} {layout.seen}"


def _from(made: MadeColumn, fields: Mapping[str, FileField]) -> str:
    if made.made_of:
        return "made from the row"
    names = _names(name for name in made.reads if name in fields and name not in made.fields) if not made.fields else ()
    if made.fields:
        return ", else ".join(_name(fields[name]) for name in made.fields)
    kind = "sum over the lines of " if made.sum else "worked out from "
    return kind + " and ".join(_name(fields[name]) for name in names) if names else "worked out"


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _name(field: FileField) -> str:
    """The header as English has it, or as the tool does."""
    return f"“{field.names[0]}”" if field.names else "the header that looks like it"
