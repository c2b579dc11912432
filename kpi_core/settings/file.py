"""Reads kpi.yaml: every problem of the file at once, with line, column and hint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import add_months
from kpi_core.documents.shapes import Finding, check, meant
from kpi_core.documents.yaml_file import Document, Steps, read_document
from kpi_core.errors import Problem, SettingsError
from kpi_core.layouts.declared_breaks import break_of
from kpi_core.layouts.export_layout import layout, layout_ids
from kpi_core.layouts.landed import landed_named, landed_names, unknown_landed
from kpi_core.metrics import CURRENCY, Catalog
from kpi_core.settings import rules
from kpi_core.settings.source_types import source_types
from kpi_core.settings.values import (
    DEFAULT_STATE,
    DEFAULT_WAREHOUSE,
    ECB,
    VAT_RATES,
    Access,
    AddData,
    Alert,
    Attention,
    Board,
    Goal,
    Reminder,
    Settings,
    SheetSync,
    Source,
    Summary,
)

INPUTS = {"costs": "costs", "survey_responses": "surveys"}
"""The tables that the tab of inputs fills, and what its sources are called by."""
DEFAULT_TABS = ("overview", "goals", "trends", "channels", "dictionary")


def read_settings(path: Path) -> Settings:
    """Read kpi.yaml. SettingsError carries every problem of the file."""
    document = read_document(path)
    problems = settings_problems(document, path.parent)
    if problems:
        raise SettingsError(problems)
    assert isinstance(document.value, dict)
    return _settings(document.value, path.parent)


def settings_problems(document: Document, folder: Path) -> list[Problem]:
    """All that can be said about the file without the catalogue and the environment, in the order of the file."""
    secrets = [
        document.problem(finding.path, finding.message, finding.hint) for finding in rules.secrets(document.value)
    ]
    places = {(problem.line, problem.column) for problem in secrets}
    shape = rules.settings_shape(source_types())
    # A text that looks like a secret is named once and never repeated, whatever else is wrong with it.
    others = [problem for problem in check(document, shape) if (problem.line, problem.column) not in places]
    if isinstance(document.value, dict):
        value = document.value
        findings = (
            *_doubles(value),
            *_excluding(value),
            *_landed(value),
            *_of_money(value),
            *_of_channels(value),
            *_of_alerts(value),
            *_variables_elsewhere(value),
            *_folders(value, folder),
        )
        others += [document.problem(item.path, item.message, item.hint) for item in findings]
    return sorted({*secrets, *others}, key=lambda problem: (problem.line, problem.column))


def _items(value: Mapping[str, Any], key: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The mappings of a list, with their numbers; whatever else stands there is the shape's concern."""
    entries = value.get(key)
    if isinstance(entries, list):
        yield from ((number, item) for number, item in enumerate(entries) if isinstance(item, Mapping))


def _mapping(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    child = value.get(key)
    return child if isinstance(child, Mapping) else {}


def _doubles(value: Mapping[str, Any]) -> Iterator[Finding]:
    """Names and goals that stand twice."""
    for key, what in (("sources", "source"), ("summaries", "summary"), ("reminders", "reminder")):
        seen: set[str] = set()
        for number, item in _items(value, key):
            name = item.get("name")
            # Apart by capitals alone they would be taken for each other by whoever types them.
            if isinstance(name, str) and name.casefold() in seen:
                yield Finding((key, number, "name"), f"two of the {key} are called {name}", f"Rename one {what}.")
            seen.add(str(name).casefold())
    names = [item.get("name") for _number, item in _items(value, "sources")]
    for number, item in _items(value, "reminders"):
        source = item.get("source")
        if source is not None and names and source not in names:
            yield Finding(
                ("reminders", number, "source"), f"there is no source {source}", "Name one of sources: there."
            )
    goals: set[str] = set()
    for number, item in _items(value, "goals"):
        where = item.get("where")
        segment = sorted(where.items(), key=str) if isinstance(where, Mapping) else ()
        # As a text: what stands in a file with mistakes may be a list, which no set can hold.
        goal = repr((item.get("kpi"), segment, item.get("per"), item.get("by")))
        if goal in goals:
            yield Finding(("goals", number), f"this goal for {item.get('kpi')} stands twice", "Keep one of them.")
        goals.add(goal)


def _landed(value: Mapping[str, Any]) -> Iterator[Finding]:
    """Layouts of files that stand at a database, and the other way round."""
    for number, item in _items(value, "sources"):
        name, table, place = item.get("layout"), item.get("table"), ("sources", number, "layout")
        if not isinstance(name, str) or not isinstance(table, str):
            continue
        if item.get("type") == "sql" and not landed_named(name, table):
            yield Finding(place, f"no layout {name} of a database fills {table}", unknown_landed(name))
        elif item.get("type") != "sql" and name in landed_names():
            yield Finding(place, f"{name} is the layout of a database", "Write type: sql, with its url:.")


def _excluding(value: Mapping[str, Any]) -> Iterator[Finding]:
    """Keys of a source that say two things about one."""
    for number, item in _items(value, "sources"):
        if item.get("layout") and item.get("query"):
            message = "layout and query both say how rows are made"
            yield Finding(("sources", number, "query"), message, "Leave one of them out.", key=True)


def _of_money(value: Mapping[str, Any]) -> Iterator[Finding]:
    """Rates that no source fills, and VAT whose rate nobody knows."""
    rates, vat = value.get("rates"), value.get("vat")
    if isinstance(rates, str) and rates != ECB:
        filling = [item.get("name") for _number, item in _items(value, "sources") if item.get("table") == "rates"]
        if rates not in filling:
            hint = f"Write rates: {filling[0]}." if filling else "Write rates: ecb, or add a source with table: rates."
            yield Finding(("rates",), f"no source {rates} fills the table rates", hint)
    if vat and value.get("vat_rate") is None and value.get("currency") not in VAT_RATES:
        yield Finding(("vat",), "the rate of VAT is not known", "Add vat_rate:, such as 0.19 for 19 %.", key=True)


def _of_channels(value: Mapping[str, Any]) -> Iterator[Finding]:
    """Texts that stand for two channels."""
    places: dict[str, str] = {}
    for name, texts in _mapping(value, "channels").items():
        for text in (texts,) if isinstance(texts, str) else texts if isinstance(texts, list) else ():
            before = places.setdefault(str(text).casefold(), name)
            if before != name:
                yield Finding(("channels", name), f"{text} stands for {before}, too", "Keep it in one of them.")


def _of_alerts(value: Mapping[str, Any]) -> Iterator[Finding]:
    """Alerts that lack what their kind needs, and those that stand twice."""
    seen: set[str] = set()
    for number, item in _items(value, "alerts"):
        if item.get("when") == "threshold" and item.get("above") is None and item.get("below") is None:
            yield Finding(("alerts", number, "when"), "a threshold has no limit", "Add above: or below:.")
        # As a text: what stands in a file with mistakes may be a list, which no set can hold.
        same = repr([item.get(key) for key in ("kpi", "when", "channel", "where", "by", "above", "below", "per")])
        if same in seen:
            yield Finding(("alerts", number), "this alert stands twice", "Keep one of them.")
        seen.add(same)


_FILLED = frozenset({"warehouse", "state", "sources", "tasks"})


def _variables_elsewhere(value: Mapping[str, Any]) -> Iterator[Finding]:
    """`${NAME}` where it would stay as it stands."""
    for path, text in _texts({key: item for key, item in value.items() if key not in _FILLED}, ()):
        if rules.variables_of(text):
            where = "warehouse, state and the options of sources"
            yield Finding(path, "an environment variable is not filled in here", f"${{NAME}} works in {where}.")


def _folders(value: Mapping[str, Any], folder: Path) -> Iterator[Finding]:
    folders = value.get("catalog")
    for number, name in enumerate(folders if isinstance(folders, list) else ()):
        if isinstance(name, str) and not (folder / name).is_dir():
            yield Finding(
                ("catalog", number), f"there is no folder {name}", "Make it beside kpi.yaml, or leave it out."
            )


def _texts(value: object, path: Steps) -> Iterator[tuple[Steps, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _texts(item, (*path, number))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, (*path, key))


def _settings(value: Mapping[str, Any], folder: Path) -> Settings:
    """Values of a file without problems; an empty key counts as absent."""
    return Settings(
        company=value.get("company") or "",
        calendar=_calendar(value),
        locale=value.get("locale") or "en",
        currency=value["currency"],
        warehouse=value.get("warehouse") or DEFAULT_WAREHOUSE,
        state=value.get("state") or DEFAULT_STATE,
        folder=folder,
        catalog=tuple(folder / name for name in value.get("catalog") or ()),
        sources=with_inputs([source_of(item) for item in value.get("sources") or ()], value.get("sheets") or ()),
        goals=tuple(goal for item in value.get("goals") or () for goal in goals_of(item)),
        audiences={name: tuple(kpis or ()) for name, kpis in (value.get("audiences") or {}).items()},
        sheets=tuple(_sheet(item) for item in value.get("sheets") or ()),
        summaries=tuple(Summary(**_filled_keys(item)) for item in value.get("summaries") or ()),
        reminders=tuple(Reminder(**_filled_keys(item)) for item in value.get("reminders") or ()),
        alerts=tuple(_alert(item) for item in value.get("alerts") or ()),
        attention=Attention(**_filled_keys(value.get("attention") or {})),
        access={kpi: _access(ways) for kpi, ways in (value.get("access") or {}).items()},
        parameters={name: float(number) for name, number in (value.get("parameters") or {}).items()},
        vat=value.get("vat"),
        vat_rate=value.get("vat_rate"),
        rates=value.get("rates"),
        rollups=value.get("rollups"),
        add_data=AddData(**{way: tuple(ids) for way, ids in _filled_keys(value.get("add_data") or {}).items()}),
        apps=tuple(value.get("apps") or ()),
        channels={name: _as_list(texts) for name, texts in (value.get("channels") or {}).items() if texts},
        admins=tuple(value.get("admins") or ()),
        owner=value.get("owner") or "",
        tasks=_board(value.get("tasks")),
    )


def _board(value: Mapping[str, Any] | None) -> Board | None:
    return Board(**{key: str(text) for key, text in _filled_keys(value).items()}) if value else None  # type: ignore[arg-type]


def _filled_keys(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if value is not None}


def _calendar(value: Mapping[str, Any]) -> Calendar:
    fiscal = _filled_keys(value.get("fiscal_year") or {})
    return Calendar(
        timezone=value["timezone"],
        week_start=value.get("week_start") or "monday",
        fiscal_starts=fiscal.get("starts", 1),
        fiscal_named_by=fiscal.get("named_by", "end"),
        fiscal_pattern=fiscal.get("pattern"),
        holidays=value.get("holidays"),
    )


def source_of(item: Mapping[str, Any]) -> Source:
    """A source as it stands in the list of sources, well formed."""
    entry = _filled_keys(item)
    common = {key: value for key, value in entry.items() if key in rules.SOURCE_KEYS}
    common["columns"] = {column: str(of_source) for column, of_source in entry.get("columns", {}).items()}
    common["values"] = {
        column: {text: _written(meaning) for text, meaning in meanings.items()}
        for column, meanings in entry.get("values", {}).items()
    }
    common["set"] = {column: _written(constant) for column, constant in entry.get("set", {}).items()}
    common["leave_out"] = tuple(
        {column: _as_list(texts) for column, texts in rule.items()} if isinstance(rule, Mapping) else rule
        for rule in entry.get("leave_out", ())
    )
    common["breaks"] = tuple(map(break_of, entry.get("breaks", ())))
    options = {key: value for key, value in entry.items() if key not in rules.SOURCE_KEYS}
    if entry["type"] == "sql" and "layout" in common:
        # That of a database says which tables it has, not how a file is read.
        options["layout"] = common.pop("layout")
    if "spreadsheet" in options:
        options["spreadsheet"] = rules.spreadsheet_id(options["spreadsheet"])
    return Source(**common, options=options)


def with_inputs(sources: Sequence[Source], sheets: Sequence[Mapping[str, Any]]) -> tuple[Source, ...]:
    """The sources, and those that a sheet with a tab of inputs brings along: one for each table that it fills."""
    every = list(sources)
    for sheet in map(_sheet, sheets):
        for table, short in INPUTS.items() if "inputs" in sheet.tabs else ():
            options = {"spreadsheet": sheet.spreadsheet}
            there = {each.name for each in every}
            if any(each.type == "inputs" and (each.table, each.options) == (table, options) for each in every):
                continue
            names = (f"inputs_{short}", *(f"inputs_{short}_{number}" for number in range(2, len(there) + 3)))
            name = next(name for name in names if name not in there)
            every.append(Source(name, "inputs", table, replace="all", every=sheet.every, options=options))
    return tuple(every)


def _as_list(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def goals_of(item: Mapping[str, Any]) -> tuple[Goal, ...]:
    """The goal of an entry, or those of its plan: one a month, due on its last day."""
    entry = _filled_keys(item)
    plan = entry.pop("plan", None)
    if plan is None:
        return (goal_of(entry),)
    months = {date.fromisoformat(f"{month}-01"): target for month, target in plan.items()}
    return tuple(
        goal_of(entry | {"target": months[first], "by": _last_day(first), "per": "month", "since": first})
        for first in sorted(months)
    )


def _last_day(first: date) -> date:
    return add_months(first, 1) - timedelta(days=1)


def goal_of(item: Mapping[str, Any]) -> Goal:
    """A goal as it stands in a list of goals, well formed."""
    entry = _filled_keys(item)
    where = {dimension: _written(value) for dimension, value in entry.pop("where", {}).items()}
    return Goal(**(entry | {"target": float(entry["target"])}), where=where)


def _written(value: object) -> str:
    """A value of a segment as data writes it: booleans in lower case."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sheet(item: Mapping[str, Any]) -> SheetSync:
    entry = _filled_keys(item)
    tabs = tuple(entry.pop("tabs", DEFAULT_TABS))
    cells = tuple(entry.pop("cells", ()))
    return SheetSync(**(entry | {"spreadsheet": rules.spreadsheet_id(entry["spreadsheet"])}), tabs=tabs, cells=cells)


def _alert(item: Mapping[str, Any]) -> Alert:
    entry = _filled_keys(item)
    where = {dimension: _written(text) for dimension, text in entry.pop("where", {}).items()}
    return Alert(**entry, where=where)


def _access(ways: Mapping[str, Any]) -> Access:
    """A limit without any list closes the KPI to everybody but the operator."""
    lists = {way: tuple(ids) for way, ids in _filled_keys(ways).items()}
    # Where it is no id after all it matches no spreadsheet, so that the KPI stays closed.
    sheets = (rules.spreadsheet_id(text) or text for text in lists.pop("sheets", ()))
    return Access(**lists, sheets=tuple(sheets))


def check_environment(document: Document, environment: Mapping[str, str]) -> list[Problem]:
    """Every `${NAME}` of the file whose variable is missing or empty."""
    return [
        document.problem(
            path, f"the environment variable {name} is not set", f"Set it before starting: export {name}=…"
        )
        for path, text in _texts(document.value, ())
        for name in rules.variables_of(text)
        if not environment.get(name)
    ]


def check_against(document: Document, catalog: Catalog) -> list[Problem]:
    """Names of the file that the catalogue does not know: KPIs, tables, columns, dimensions."""
    value = document.value if isinstance(document.value, dict) else {}
    findings = (
        *_unknown_kpis(value, catalog),
        *_unknown_tables(value, catalog),
        *_other_tables(value),
        *_unknown_dimensions(value, catalog),
    )
    problems = [document.problem(item.path, item.message, item.hint, key=item.key) for item in findings]
    return sorted(problems, key=lambda problem: (problem.line, problem.column))


def _other_tables(value: Mapping[str, Any]) -> Iterator[Finding]:
    """Layouts that fill another table than their source says."""
    for number, item in _items(value, "sources"):
        layout_id, table = item.get("layout"), item.get("table")
        if isinstance(layout_id, str) and layout_id in layout_ids() and table not in layout(layout_id).tables:
            fills = layout(layout_id).table
            message = f"the layout {layout_id} fills {fills}, not {table}"
            yield Finding(("sources", number, "table"), message, f"Write table: {fills}.")


def _unknown_kpis(value: Mapping[str, Any], catalog: Catalog) -> Iterator[Finding]:
    named: list[tuple[Steps, object, bool]] = [
        ((key, number, "kpi"), item.get("kpi"), False)
        for key in ("goals", "alerts")
        for number, item in _items(value, key)
    ]
    for audience, kpis in _mapping(value, "audiences").items():
        listed = kpis if isinstance(kpis, list) else ()
        named += [(("audiences", audience, number), kpi, False) for number, kpi in enumerate(listed)]
    named += [(("access", kpi), kpi, True) for kpi in _mapping(value, "access")]
    for path, kpi, key in named:
        if isinstance(kpi, str) and kpi not in catalog.metrics:
            yield Finding(path, f"there is no KPI {kpi}", meant(kpi, tuple(catalog.metrics)), key)


def _unknown_tables(value: Mapping[str, Any], catalog: Catalog) -> Iterator[Finding]:
    tables = tuple(name for name, model in catalog.models.items() if not model.relation)
    for number, item in _items(value, "sources"):
        table = item.get("table")
        model = catalog.models.get(table) if isinstance(table, str) else None
        if isinstance(table, str) and model is None:
            hint = meant(table, tables) or f"Use one of {', '.join(tables)}."
            yield Finding(("sources", number, "table"), f"there is no model {table}", hint)
        elif model and model.relation:
            message = f"{table} is no table, it is worked out from others"
            yield Finding(("sources", number, "table"), message, f"Load {' and '.join(model.reads)} instead.")
            continue
        for key in ("columns", "set"):
            for column in _mapping(item, key):
                # Every table with amounts may carry their currency.
                is_currency = model is not None and key == "columns" and column == CURRENCY and bool(model.money)
                if model and column not in model.columns and not is_currency:
                    hint = meant(column, tuple(model.columns)) or f"It has {', '.join(model.columns)}."
                    path: Steps = ("sources", number, key, column)
                    yield Finding(path, f"the table {table} has no column {column}", hint, key=True)


def _unknown_dimensions(value: Mapping[str, Any], catalog: Catalog) -> Iterator[Finding]:
    for list_name in ("goals", "alerts"):
        for number, item in _items(value, list_name):
            for dimension in _mapping(item, "where"):
                if dimension not in catalog.dimensions:
                    hint = meant(dimension, tuple(catalog.dimensions))
                    path: Steps = (list_name, number, "where", dimension)
                    yield Finding(path, f"there is no dimension {dimension}", hint, key=True)
    for number, item in _items(value, "alerts"):
        split = item.get("by")
        if isinstance(split, str) and split not in catalog.dimensions:
            hint = meant(split, tuple(catalog.dimensions))
            yield Finding(("alerts", number, "by"), f"there is no dimension {split}", hint)
