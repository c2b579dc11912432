"""The pages of docs/services: one a service that is read by its API, and the roads that each tool's data takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpi_core.layouts.export_layout import layouts
from kpi_core.layouts.landed import landed_layouts
from kpi_core.settings.source_types import Connection, SourceType, services
from kpi_core.sources.api.forms import Value, forms_of

_LANGUAGES = {"en": "English", "ko": "한국어", "zh-TW": "繁體中文"}
_MADE = "<!-- Written by `make docs`; edit the folders of kpi_core/sources instead. -->"
_UNTRIED = (
    "**Tried against the local stand-in in the same folder alone, never against {vendor} itself.** Hold the first week "
    "against its own screen."
)


def service_pages() -> Mapping[str, str]:
    """File name in docs/services -> text."""
    pages = {
        f"{name}.md": "\n".join(_page(kind, kind.connection)) + "\n"
        for name, kind in services().items()
        if kind.connection
    }
    return {"README.md": "\n".join(_roads()) + "\n"} | pages


def _roads() -> Iterator[str]:
    """Which road each tool's data takes: its API, its export, or another loader's tables."""
    yield "# Services"
    yield _MADE
    yield ""
    yield "`kpi connect NAME` reads a service by its API; `kpi add FILE` takes its [exports](../exports/README.md);"
    yield "`type: sql` with `query:` takes the tables that another loader has filled."
    yield "All of it was tried against local stand-ins and made-up files alone, never against a vendor."
    yield ""
    yield "| Tool | By its API | By its export | By tables of `layout:` |"
    yield "| --- | --- | --- | --- |"
    exported: dict[str, str] = {}
    for layout in layouts().values():
        exported.setdefault(layout.id.partition("/")[0], layout.title["en"].partition(",")[0])
    loaders: dict[str, set[str]] = {}
    for landed_layout in landed_layouts().values():
        loaders.setdefault(landed_layout.vendor, set()).add(landed_layout.id.partition("/")[0])
    kinds = services()
    for name in sorted({*exported, *kinds}):
        title = kinds[name].title["en"] if name in kinds else exported[name]
        api = f"[`kpi connect {name}`]({name}.md)" if name in kinds else ""
        file = f"[`kpi add`](../exports/{name}.md)" if name in exported else ""
        landed = ", ".join(f"`{loader}`" for loader in sorted(loaders.get(name, ())))
        yield f"| {title} | {api} | {file} | {landed} |"


def _page(kind: SourceType, connection: Connection) -> Iterator[str]:
    yield f"# {kind.title['en']} (`type: {kind.name}`)"
    yield _MADE
    yield ""
    yield _UNTRIED.format(vendor=connection.vendor)
    ends = f"; the vendor ends it on {connection.ends}" if connection.ends else ""
    yield ""
    yield f"Version {connection.version}, checked on {connection.checked}{ends}. Hosts: {', '.join(connection.hosts)}."
    yield ""
    yield "## What to do there"
    for language, name in _LANGUAGES.items():
        yield ""
        yield f"{name}. {connection.waiting[language]}"
        yield ""
        yield from (f"{number}. {step[language]}" for number, step in enumerate(connection.steps, start=1))
    yield ""
    secrets = ", ".join(f"`{variable}`" for variable in connection.credentials.values())
    yield f"Then put {secrets} into the environment and run `kpi connect {kind.name}`."
    yield from _what_is_read(kind, connection)
    yield ""
    yield "## What can be wrong"
    yield ""
    yield from (f"- {sentence}" for sentence in connection.wrong)
    yield ""
    yield "## Without an account"
    yield ""
    program = f"python -m kpi_core.sources.{kind.name}.stand_in"
    yield f"`kpi demo --connect {kind.name}` connects a made-up company and shows its numbers in the playground;"
    yield f"`{program}` serves it alone and says what to put into the environment."


def _what_is_read(kind: SourceType, connection: Connection) -> Iterator[str]:
    yield ""
    yield "## What is read"
    yield ""
    yield f"{connection.reads} Into `{connection.table}`."
    yield ""
    yield (
        f"The first load brings {connection.first} days, later ones the history of {connection.history} days in "
        f"pieces. Each load reads the last {connection.recent} days again, once a week the last {connection.long}."
    )
    yield ""
    forms = forms_of(kind.name)
    for table in (connection.table, *forms.tables):
        call = forms.calls["rows" if table == connection.table else table]
        yield f"| Column of `{table}` | From |"
        yield "| --- | --- |"
        for name, value in call.fields.items():
            yield f"| `{name}` | {_from(value)} |"
        for name, text in forms.constants.items():
            yield f"| `{name}` | always {text} |"
        if table != (connection.table, *forms.tables)[-1]:
            yield ""


def _from(value: Value) -> str:
    places = " else ".join(f"`{part}`" for part in value.at.split(" ")).replace("|", "\\|")
    return f"{places} / 10^{-value.scale}" if value.scale else places
