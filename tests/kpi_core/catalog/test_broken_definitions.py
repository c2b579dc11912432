"""Definitions mangled in every way that people and editors find: always told with file and line, never a crash."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.catalogue import explain_facts
from kpi_core.answering.engine import Engine
from kpi_core.catalog import load_catalog
from kpi_core.catalog.digest import definition_version
from kpi_core.catalog.inspection import Inspection, inspect_definitions
from kpi_core.catalog.loader import BUILT_IN
from kpi_core.dates.periods import Period
from kpi_core.documents.yaml_file import read_document
from kpi_core.errors import KpiBotError, Problem, SettingsError
from kpi_core.metrics import LANGUAGES, Catalog
from kpi_core.query import MetricQuery
from kpi_core.review.diff import differing
from kpi_core.review.worked_examples import wrong_examples
from kpi_core.warehouse.scratch import ScratchWarehouse

import long
import tables

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1), "month")
FILES_AT_ONCE = (1, 2, 24)
"""Few files are often whole and then used; many show that all problems are told at once."""
METRICS = sorted((BUILT_IN / "metrics").rglob("*.yaml"))
MODELS = sorted((BUILT_IN / "models").glob("*.yaml"))


def _plain(path: Path) -> dict[str, Any]:
    found = read_document(path).value
    assert isinstance(found, dict)
    return found


SHIPPED = [_plain(path) for path in (*METRICS, *MODELS)]


# Mangled values ------------------------------------------------------------------------------------------------------


def _deep(levels: int) -> object:
    found: object = "x"
    for level in range(levels):
        found = [found] if level % 2 else {"k": found}
    return found


WRONG: tuple[object, ...] = (
    None, True, 0, -1, 3, 2.5, 10**30, -1e308, 1e-300, date(2026, 10, 1), "", " ", "x", "0", "a b", "a.b", "a@b",
    "1 / 0", "x" * 600, "x + " * 90 + "x", "(" * 300, "-" * 400 + "x", "9" * 400, "1e999", "1e999 * spend",
    "__import__('os')", "\u202e\u0000", "\ud7a3\u200b", "𝒳", "ﬁ", "９", "'", '"', "--", "select 1", "; drop table x",
    "coalesc(revenue)", "revenue >", "kpi_bucket", "period_start", "{timezone}", "{", "$b0", "'{active_days}'", "*",
    [], {}, [None], [[]], [{}], [1, "a"], ["a", "a"], {"": 1}, {"a": None}, {"a": {"b": [1]}}, {"en": "x"},
    {"is": "spend"}, {"is": None, "offset": "year_ago"}, _deep(12), _deep(60), "cac", "cac@paid", "orders.revenue",
    "period.days", "parameter.nope", "goal.met",
)  # fmt: skip
KEYS = ("", "x", "id", "model", "variants", "is", "en", "<<", "a b", "é", "0", "computed", "reads", "relation", "valid")


def _places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    steps: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield from _places(inner, (*path, step))


def _mangled(value: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """One to three parts dropped, replaced, renamed, repeated or moved."""
    found = deepcopy(value)
    for _ in range(chance.randint(1, 3)):
        path = chance.choice([each for each in _places(found) if each])
        holder: Any = found
        for step in path[:-1]:
            holder = holder[step]
        last = path[-1]
        how = chance.choice(["drop", "replace", "replace", "rename", "repeat", "borrow"])
        if how == "drop":
            del holder[last]
        elif how == "rename" and isinstance(holder, dict):
            holder[chance.choice(KEYS)] = holder.pop(last)
        elif how == "repeat":
            holder[last] = [holder[last], deepcopy(holder[last])]
        elif how == "borrow":
            holder[last] = deepcopy(chance.choice(list(chance.choice(SHIPPED).values())))
        else:
            holder[last] = deepcopy(chance.choice(WRONG))
        if not found:
            break
    return found


# Mangled texts -------------------------------------------------------------------------------------------------------

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
BYTES = (
    b"\0", b"\x07", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\t", b"\n\t", "\u2028".encode(), "\u0085".encode(), b"\r",
    "\ufeff".encode(), "\U0010ffff".encode(), b"---\n", b"...\n", b"%TAG\n", b"!!python/object:os.system x\n", b"&a ",
    b"*a ", b"<<: *a\n", b"- ", b"? ", b": ", b"{", b"]", b"'", b'"', b"|\n", b"[" * 80, b"{a: " * 80, b"# \n", b"@",
    b"`", BOMB.encode(), b"&x [*x]\n", b"0" * 5000, b"9" * 5000,
)  # fmt: skip


def _garbled(text: bytes, chance: random.Random) -> bytes:
    """One to three things done to the bytes of a file."""
    for _ in range(chance.randint(1, 3)):
        text = _once_garbled(text, chance)
    return text


def _once_garbled(text: bytes, chance: random.Random) -> bytes:
    lines = text.splitlines(keepends=True) or [b""]
    place, line, piece = chance.randrange(len(text) + 1), chance.randrange(len(lines)), chance.choice(BYTES)
    before, this, after = lines[:line], lines[line], lines[line + 1 :]
    return chance.choice(
        [
            text[:place],
            text[:place] + piece + text[place:],
            b"".join([*before, piece, this, *after]),
            b"".join([*before, this, this, *after]),
            b"".join([*before, *after]),
            b"".join([*before, b"\t" + this, *after]),
            text.replace(b": ", b":", 1),
            text.decode("utf-8", "replace").encode("utf-16"),
            chance.randbytes(200),
        ]
    )


def _file(number: int, chance: random.Random) -> bytes:
    """A file of its own id, whole or mangled in its values, its text or both."""
    value = deepcopy(chance.choice(SHIPPED))
    key = "model" if "model" in value else "id"
    if key == "id" and chance.random() < 0.7:
        value["id"] = f"own_{number}"
        value["names"] = {language: f"own {number} {language}" for language in LANGUAGES}
        value.pop("aliases", None)
        value.pop("shared_aliases", None)
    if chance.random() < 0.8:
        value = _mangled(value, chance)
    text = yaml.safe_dump(value, allow_unicode=True, sort_keys=False).encode("utf-8", "replace")
    return _garbled(text, chance) if chance.random() < 0.35 else text


# What must hold ------------------------------------------------------------------------------------------------------


def refusal(folder: Path) -> tuple[Catalog | None, tuple[Problem, ...]]:
    """The catalogue with these files, or the problems for which it is refused."""
    try:
        return load_catalog([folder]), ()
    except SettingsError as error:
        str(error)
        return None, error.problems


def check(folder: Path) -> Inspection:
    """Both ways of reading a folder agree; each problem says where it is."""
    catalog, problems = refusal(folder)
    inspection = inspect_definitions([folder])
    for each in (*problems, *inspection.problems):
        assert (folder.parent / each.file).is_file() or (BUILT_IN / each.file).is_file(), each
        assert each.line > 0, each
        assert each.column > 0, each
        assert each.message.strip(), each
        assert len(each.message) < 1500, each
    assert bool(problems) == (catalog is None)
    if problems:
        assert inspection.problems
    if catalog is not None:
        used(catalog, answers=not inspection.problems)
    return inspection


def used(catalog: Catalog, *, answers: bool) -> None:
    """Whatever was let through can be told, held against another catalogue, and asked."""
    own = [each for each in catalog.metrics.values() if tables.CATALOG.metrics.get(each.id) != each]
    for metric in own:
        definition_version(metric, catalog)
        for language in LANGUAGES:
            explain_facts(metric, catalog, language)
    differing(tables.CATALOG, catalog)
    if not answers:
        return
    with ScratchWarehouse() as scratch:
        for model in catalog.models.values():
            if not model.relation:
                scratch.fill(model, [{column.name: SAMPLES[column.type] for column in model.columns.values()}])
        engine = Engine(tables.settings(), catalog, scratch)
        for metric in own:
            answer = engine.answer(MetricQuery(metric.id, OCTOBER), NOW)
            assert answer.value is None or isinstance(answer.value, float)
    kpis = {each.variant_of or each.id for each in own}
    for _wrong in wrong_examples(catalog, kpis, NOW):
        pass


SAMPLES: dict[str, object] = {
    "text": "kim", "date": date(2026, 10, 2), "timestamp": datetime(2026, 10, 2, 12), "integer": 3, "decimal": 4.5,
    "boolean": True,
}  # fmt: skip


@long.examples("mangled definitions", 4, 2_000)
@given(seed=st.integers(0, 2**32))
def test_mangled_definitions_are_told_and_never_crash(seed: int) -> None:
    """Parts dropped, swapped or garbled: SettingsError with every problem's line, or definitions that work."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "metrics"
        folder.mkdir()
        for number in range(chance.choice(FILES_AT_ONCE)):
            (folder / f"file_{number}.yaml").write_bytes(_file(number, chance))
        check(folder)


GOOD = yaml.safe_dump(SHIPPED[0] | {"id": "mine", "names": dict.fromkeys(LANGUAGES, "mine"), "aliases": []})
HOPELESS: dict[str, bytes] = {
    "empty": b"",
    "comment": b"# nothing here\n",
    "nothing": b"~\n",
    "number": b"42\n",
    "word": b"mine\n",
    "list": b"- id: mine\n- id: other\n",
    "binary": bytes(range(256)) * 4,
    "null": GOOD.encode().replace(b"mine", b"mi\0ne", 1),
    "utf16": GOOD.encode("utf-16")[:-1],
    "latin": "names: {en: Café}".encode("latin-1"),
    "tab": GOOD.encode().replace(b"  ", b"\t", 1),
    "twice": GOOD.encode() + b"id: other\n",
    "bomb": BOMB.encode(),
    "loop": b"a: &a [*a]\n",
    "deep": b"a: " + b"[" * 5000,
    "deeper": b"a: " + b"{a: " * 5000,
    "two": b"---\nid: a\n---\nid: b\n",
    "tag": b"id: !!python/object/apply:os.system [ls]\n",
    "merge": b"x: &x {id: a}\n<<: *x\n",
    "long": b"id: " + b"x" * 2_100_000,
    "huge": GOOD.encode().replace(b"formula: ", b"formula: " + b"9" * 400 + b" * ", 1),
}


def test_hopeless_files_are_all_told_at_once(tmp_path: Path) -> None:
    """Empty files, lists, binaries, bombs, loops, tabs: one round names every one of them with its line."""
    folder = tmp_path / "metrics"
    folder.mkdir()
    for name, content in HOPELESS.items():
        (folder / f"{name}.yaml").write_bytes(content)
    catalog, problems = refusal(folder)
    assert catalog is None
    told = {Path(each.file).stem for each in problems}
    assert told == HOPELESS.keys() - {"huge"}, "a rule is broken, which is looked at when all files are well formed"
    inspection = inspect_definitions([folder])
    assert {Path(each.file).stem for each in inspection.problems} == HOPELESS.keys()
    assert [each for each in (*problems, *inspection.problems) if each.line < 1] == []


@pytest.mark.parametrize("length", [1, 2, 3, 7, 60])
def test_circles_of_any_length_are_told(tmp_path: Path, length: int) -> None:
    """Each KPI of a ring leads back to itself; a KPI beside the ring is told about nothing."""
    for number in range(length):
        value = SHIPPED[0] | {
            "id": f"ring_{number}",
            "names": dict.fromkeys(LANGUAGES, f"ring {number}"),
            "aliases": [],
            "type": "simple",
            "formula": "next_one",
            "inputs": {"next_one": f"ring_{(number + 1) % length}"},
            "variants": {},
            "split": [],
        }
        value.pop("fallback", None)
        (tmp_path / f"ring_{number}.yaml").write_text(yaml.safe_dump(value, allow_unicode=True), "utf-8")
    _catalog, problems = refusal(tmp_path)
    assert sorted(each.message for each in problems) == sorted(
        f"ring_{number} is computed from itself" for number in range(length)
    )
    first = next(each for each in problems if each.message.startswith("ring_0 "))
    assert first.hint.count("→") == length


def test_an_endless_chain_of_variants_and_fallbacks_is_refused(tmp_path: Path) -> None:
    """A KPI answers for itself through its own variants only, so that no fallback runs in a circle."""
    value = SHIPPED[0] | {"id": "mine", "names": dict.fromkeys(LANGUAGES, "mine"), "aliases": [], "fallback": "mine"}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(value, allow_unicode=True), "utf-8")
    catalog, problems = refusal(tmp_path)
    assert catalog is None
    assert [each.message for each in problems] == ["mine has no variant mine"]


def test_a_mangled_catalogue_stops_no_command(tmp_path: Path) -> None:
    """Whatever is wrong is one KpiBotError with words for people."""
    (tmp_path / "x.yaml").write_bytes(b"\0")
    with pytest.raises(KpiBotError) as caught:
        load_catalog([tmp_path])
    assert caught.value.hint
