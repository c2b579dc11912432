"""Writes the documents that the program itself knows best, and with --check tells which of them are out of date.

docs/kpis.md comes from the catalogue, docs/reference/cli.md from the command line's parser, docs/reference/settings.md
from the shapes of kpi.yaml, docs/reference/health.md from what can be wrong with data and its sentences,
docs/reference/*.schema.json from the shapes of kpi.yaml and of definitions, docs/exports from the layouts,
docs/services from the folders of services, and the card in README.md from a question to the demo company.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from exchange_page import exchange_page
from export_pages import export_pages
from service_pages import service_pages

from bot.cards.catalogue import by_stage, explain_facts, explain_head, formula_with_names, stage_name
from bot.cli import parser_of_kpi
from kpi_core.catalog import load_catalog
from kpi_core.catalog.editor_schema import editor_schemas, schema_text
from kpi_core.documents.shapes import AnyOf, Field, ListOf, MappingOf, Record, Shape, Tagged, WithKey
from kpi_core.health.facts import CODES, INCOMPLETE
from kpi_core.locale import sentences
from kpi_core.metrics import Catalog, Metric
from kpi_core.phrases import say
from kpi_core.settings.rules import ALERT_KINDS, settings_shape, source_shape
from kpi_core.settings.source_types import SourceType, source_types

ROOT = Path(__file__).parent.parent
CLOCK = "2026-11-23T09:00"
NOTE = "<!-- Written by `make docs`; edit {source} instead. -->\n"
SHOWN = re.compile(r"(<!-- shown: (?P<command>.*?) -->\n```\n).*?(```\n)", re.DOTALL)


def main() -> int:
    """Write what differs, or with --check name it; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a document is out of date")
    check = parser.parse_args().check
    stale = [(path, text) for path, text in documents() if not path.is_file() or path.read_text("utf-8") != text]
    for path, text in stale:
        print(f"{path.relative_to(ROOT)} is out of date: run make docs" if check else f"wrote {path.relative_to(ROOT)}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    return 1 if check and stale else 0


def documents() -> Iterator[tuple[Path, str]]:
    """Each generated document as it should be."""
    writers: dict[str, Callable[[], str]] = {
        "docs/kpis.md": lambda: kpis(load_catalog()),
        "docs/reference/cli.md": command_line,
        "docs/reference/settings.md": settings,
        "docs/reference/health.md": health,
        "docs/reference/exchange.md": lambda: exchange_page(load_catalog(), NOTE),
        "README.md": readme,
    }
    schemas = editor_schemas().items()
    writers |= {f"docs/reference/{name}": partial(schema_text, schema) for name, schema in schemas}
    for name, written in writers.items():
        yield ROOT / name, written()
    yield from ((ROOT / "docs" / "exports" / name, text) for name, text in export_pages().items())
    yield from ((ROOT / "docs" / "services" / name, text) for name, text in service_pages().items())


# The catalogue


def kpis(catalog: Catalog) -> str:
    """A table a stage of the journey, then every definition as `kpi explain` tells it."""
    lines = [
        "# KPIs",
        NOTE.format(source="the files under kpi_core/catalog/metrics"),
        (
            f"{len(catalog.kpis())} KPIs come built in; [add your own](how-to/add-a-kpi.md). "
            "Rates are shown in percent and kept as fractions. Every number names the reading it was computed by; "
            "where a formula is disputed, the others are asked for as `kpi@reading`."
        ),
        "",
    ]
    stages = list(by_stage(catalog, {}))
    for stage, metrics in stages:
        lines += [
            f"## {stage_name(stage, 'en')}",
            "",
            *table(("KPI", "Ask for", "Formula", "Good is"), overview(metrics)),
        ]
        lines += ["", *(line for metric in metrics for line in definition(metric, catalog))]
    return "\n".join(lines).rstrip("\n") + "\n"


def overview(metrics: Iterable[Metric]) -> Iterator[tuple[str, ...]]:
    for each in metrics:
        direction = say("en", f"direction.{each.direction}")
        yield f"[{each.name('en')}](#{anchor(each)})", f"`{each.id}`", formula_with_names(each, "en"), direction


def anchor(metric: Metric) -> str:
    """Where a heading's link goes, by the rule of GitHub."""
    return re.sub(r"[^\w\- ]", "", heading(metric).lower()).replace(" ", "-")


def heading(metric: Metric) -> str:
    return f"{metric.name('en')} ({metric.id})"


def definition(metric: Metric, catalog: Catalog) -> Iterator[str]:
    """The heading of a KPI and its facts, one a list item."""
    _title, about = explain_head(metric, "en")
    others = " · ".join(metric.name(language) for language in ("ko", "zh-TW"))
    yield from (f"### {heading(metric)}", "", others, "")
    yield from (line for said in about.split("\n") for line in (sentence(escaped(said)), ""))
    for name, told in explain_facts(metric, catalog, "en"):
        lines = [escaped(line.removeprefix("· ")) for line in told]
        yield from (
            [f"- **{name}** {lines[0]}"] if len(lines) == 1 else [f"- **{name}**", *(f"  - {line}" for line in lines)]
        )
    yield ""


# The command line


def command_line() -> str:
    """One section a command, in the order of `kpi --help`."""
    parser = parser_of_kpi()
    commands = next(each for each in parser._actions if isinstance(each, argparse._SubParsersAction))  # noqa: SLF001 - argparse offers no other way to its options
    lines = [
        "# The command `kpi`",
        NOTE.format(source="bot/cli.py"),
        (
            "The result goes to stdout, everything else to stderr. Exit codes: 0 done, 1 you can mend it, "
            "2 wrong usage, 3 a service failed."
        ),
        "",
    ]
    common = set(options(commands.choices["load"])) & set(options(commands.choices["demo"]))
    lines += ["Every command takes", "", *table(("Write", "For"), sorted(common)), ""]
    for name, each in commands.choices.items():
        own = [option for option in options(each) if option not in common]
        lines += [
            f"## kpi {name}",
            "",
            sentence(each.description or ""),
            "",
            *(table(("Write", "For"), own) if own else ["No more than these."]),
            "",
        ]
    return "\n".join(lines).rstrip("\n") + "\n"


def options(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    """What may be written after a command, and what it does; --help goes without saying."""
    for action in parser._actions:  # noqa: SLF001 - as above
        if action.dest == "help":
            continue
        value = "" if action.nargs == 0 else str(action.metavar or action.dest.upper())
        written = " ".join([*action.option_strings[-1:], value]).strip()
        yield f"`{written}`", sentence(action.help or "")


def sentence(words: str) -> str:
    """Words of a help line as a sentence; the name of a file keeps its small letter."""
    start = words if re.match(r"\w+\.\w", words) else f"{words[:1].upper()}{words[1:]}"
    return start if start.endswith(".") else f"{start}."


# The settings


def settings() -> str:
    """Every key of kpi.yaml: the flat ones first, then a section for each that holds more."""
    types = source_types()
    shape = settings_shape(types)
    lines = [
        "# kpi.yaml",
        NOTE.format(source="kpi_core/settings_rules.py"),
        (
            "`kpi check` names every mistake with its line. Unknown keys are refused. "
            "Secrets stand in the environment: `${NAME}` works in `warehouse`, `state` and the options of sources. "
            "[kpi.example.yaml](../../kpi.example.yaml) shows every key at work."
        ),
        "",
        *table(("Key", "Must be", "Means"), rows(shape)),
        "",
    ]
    for name, each in shape.fields.items():
        inner = record_of(each.shape)
        if inner:
            lines += [f"## {name}", "", *table(("Key", "Must be", "Means"), rows(inner)), ""]
        if name == "sources":
            lines += (line for kind in types.values() for line in source_type(kind))
        if name == "alerts":
            lines += (line for kind, (what, own) in ALERT_KINDS.items() for line in alert_kind(kind, what, own))
    return "\n".join(lines).rstrip("\n") + "\n"


# The health of the data

HEALTH = """
# What is told of the data

Each load looks at the rows of its sources and writes down what is odd about them. An answer carries what touches its
own days, those it is compared with and its trend, with the source and what to do; `kpi doctor` and `kpi list` show
all of it, `kpi ask --json` as `health`, with the code. A number that is known to be incomplete gets no better or
worse.

Days are held against the same days of the load before: rows and values that are gone or differ are told for a week,
or until `kpi load --accept` takes them. A first load has nothing to hold days against and sees what is large: days
without rows that usually have some, a value of a dimension that is away for days, a column that empties, a word that
is nearly another, rows that stand twice, a source that has stopped. [Why, and what it cannot
see](../decisions/health.md).

A channel that has ended, a report that is closed on weekends, a campaign that is over and a column that is filled
from some day on are not told. If something sound is told all the same: `kpi load --accept` clears what differs from
the load before, and `values:` in kpi.yaml names words.
"""


def health() -> str:
    """docs/reference/health.md."""
    text = sentences("en")
    body = (
        (
            f"`{code}`",
            _open(text[f"health.{code}"]),
            _open(text[f"mend.{code}"]),
            "no better or worse" if code in INCOMPLETE else "",
        )
        for code in CODES
    )
    head = ("code", "what is said", "what to do", "verdict")
    note = NOTE.format(source="kpi_core/health/facts.py and kpi_core/locale/en.yaml")
    return note + HEALTH + "\n" + "\n".join(table(head, body)) + "\n"


def _open(sentence: str) -> str:
    """A sentence with its places as words."""
    return re.sub(r"{(\w+)}", r"`\1`", sentence)


def rows(record: Record) -> Iterator[tuple[str, str, str]]:
    for name, each in record.fields.items():
        needed = " (needed)" if each.required else ""
        yield f"`{name}`{needed}", says(each), each.description


def says(field: Field) -> str:
    """What a value must be, lists and mappings with what they hold."""
    shape = field.shape
    if isinstance(shape, ListOf):
        return f"list, each {says(Field(shape.item))}"
    if isinstance(shape, MappingOf):
        return f"mapping, each value {says(Field(shape.value))}"
    if isinstance(shape, AnyOf):
        return " or ".join(dict.fromkeys(says(Field(each)) for each in shape.shapes))
    if isinstance(shape, Record | Tagged | WithKey):
        return "a mapping, see below"
    return shape.says


def record_of(shape: Shape) -> Record | None:
    """The keys inside a value, or inside each item of a list; sources give those that all types have."""
    if isinstance(shape, ListOf):
        return record_of(shape.item)
    if isinstance(shape, MappingOf):
        return record_of(shape.value)
    if isinstance(shape, Tagged):
        kinds = list(shape.shapes.values())
        common = [name for name in kinds[0].fields if all(name in each.fields for each in kinds)]
        return Record({name: kinds[0].fields[name] for name in common})
    if isinstance(shape, WithKey):
        both = shape.absent.fields.keys() & shape.there.fields.keys()
        merged = {**shape.absent.fields, **shape.there.fields}
        return Record({name: each if name in both else replace(each, required=False) for name, each in merged.items()})
    return shape if isinstance(shape, Record) else None


def source_type(kind: SourceType) -> Iterator[str]:
    """What one type of source knows beside the keys of all."""
    yield from (f"### type: {kind.name}", "", f"{kind.title['en']}.", "")
    shape = source_shape(kind)
    own = Record({name: shape.fields[name] for name in kind.options})
    yield from (*table(("Key", "Must be", "Means"), rows(own)), "")


def alert_kind(kind: str, what: str, own: Mapping[str, Field]) -> Iterator[str]:
    """What one kind of alert knows beside the keys of all."""
    yield from (f"### when: {kind}", "", f"{what}.", "")
    yield from (*table(("Key", "Must be", "Means"), rows(Record(own))), "")


# README


def readme() -> str:
    """README.md with what its commands really show, each below its comment `<!-- shown: … -->`."""
    text = (ROOT / "README.md").read_text("utf-8")
    with tempfile.TemporaryDirectory() as home:
        return SHOWN.sub(lambda found: found[1] + shown(found["command"], Path(home)) + found[3], text)


def shown(command: str, home: Path) -> str:
    """What a command of `kpi` prints about the demo company on the day of CLOCK."""
    words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', command)]
    environment = os.environ | {"HOME": str(home), "XDG_CACHE_HOME": str(home)}
    call = [sys.executable, "-m", "bot.cli", *words[1:], "--now", CLOCK]
    printed = subprocess.run(call, cwd=home, env=environment, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own program
    return "".join(f"{line.rstrip()}\n" for line in printed.splitlines())


def table(head: tuple[str, ...], body: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [head, tuple("---" for _ in head), *body]
    return [f"| {' | '.join(escaped(cell) for cell in line)} |" for line in lines]


def escaped(text: str) -> str:
    """Data as Markdown shows it plainly."""
    return re.sub(r"([|<*])(?![^`]*`)", r"\\\1", text)


if __name__ == "__main__":
    sys.exit(main())
