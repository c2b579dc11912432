"""What the documents say is true of the program."""

from __future__ import annotations

import re
import shlex
import textwrap
from pathlib import Path

import pytest
from shipped import ROOT, tracked

from bot.cli import parser_of_kpi
from kpi_core.catalog import load_catalog
from kpi_core.errors import UsageError

DOCUMENTS = [path for path in tracked() if path.suffix == ".md"]
BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"(?:^|\s|`|/)(kpi [a-z][^#`\n]*)")
LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(#[^)\s]*)?\)")


def text_of(path: Path) -> str:
    return (ROOT / path).read_text("utf-8")


def calls_in(text: str) -> list[str]:
    """The commands in the blocks of a document, without what a shell or systemd does around them."""
    lines = [line for _indent, _language, block in BLOCK.findall(text) for line in block.splitlines()]
    return [
        found[1].strip() for line in lines if (found := re.match(r"\s*(?:ExecStart=\S*/)?(kpi [a-z][^#\n]*)", line))
    ]


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_every_command_shown_is_real(path: Path) -> None:
    """Each `kpi …` in a block of a document is one that the command line takes."""
    for call in calls_in(text_of(path)):
        try:
            parser_of_kpi().parse_args(shlex.split(call)[1:])
        except UsageError as error:
            pytest.fail(f"{path}: {call}: {error}")


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_every_link_leads_somewhere(path: Path) -> None:
    """Each link within the repository goes to a file or folder that is there."""
    targets = [found[1] for found in LINK.finditer(text_of(path)) if found[1]]
    assert [target for target in targets if not (ROOT / path.parent / target).exists()] == []


def test_every_make_target_is_real() -> None:
    """Each `make …` in README and CONTRIBUTING is a target of the Makefile."""
    known = set(re.findall(r"^([a-z]+):", text_of(Path("Makefile")), re.MULTILINE))
    shown = {
        word
        for name in ("README.md", "CONTRIBUTING.md")
        for word in re.findall(r"(?:^|`)make ([a-z]+)", text_of(Path(name)), re.MULTILINE)
    }
    assert shown <= known


def test_the_kpi_of_the_recipe_works(tmp_path: Path) -> None:
    """The file that the recipe for a new KPI shows is one that the catalogue takes."""
    text = text_of(Path("docs/how-to/add-a-kpi.md"))
    (block,) = [block for _indent, language, block in BLOCK.findall(text) if language == "yaml"]
    (tmp_path / "revenue_per_visit.yaml").write_text(textwrap.dedent(block), "utf-8")
    catalog = load_catalog([tmp_path])
    assert catalog.metrics["revenue_per_visit"].examples


def test_every_environment_variable_is_told() -> None:
    """Each variable that the product reads from its environment stands in the how-to for running it."""
    told = text_of(Path("docs/how-to/deploy.md"))
    found = {
        name
        for path in tracked()
        if path.suffix == ".py" and path.parts[0] in {"bot", "sheets_sync"}
        for name in re.findall(r"\"((?:SLACK|KPI|GOOGLE)_[A-Z_]+)\"", text_of(path))
    }
    assert {name for name in found if name not in told} == set()


@pytest.mark.parametrize("package", ["bot", "sheets_sync", "kpi_core"])
def test_the_map_of_the_house_has_every_room(package: str) -> None:
    """ARCHITECTURE.md names each folder of code and each file beside them, and nothing that is not there."""
    there = {path.parent.name for path in (ROOT / package).glob("*/__init__.py")}
    there |= {path.stem for path in (ROOT / package).glob("*.py") if path.stem != "__init__"}
    _before, _heading, section = text_of(Path("ARCHITECTURE.md")).partition(f"**{package}**")
    section = re.split(r"\n(?:\*\*|## )", section)[0]
    flat = section.partition("| room |")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    named = {name.rstrip("/") for text in (flat, *rows) for name in re.findall(r"`(\w+/?)`", text)}
    assert there - named == set()
    assert named - there - {"locale"} == set()
