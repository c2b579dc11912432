"""Additions to YAML that people wrote: they mean what they should, and whatever people wrote stays as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.documents.amendments import with_entries, with_value, write_whole
from kpi_core.documents.yaml_file import read_text
from kpi_core.errors import SettingsError

import long

SHOP = '# our firm\ncompany: "Glow"   # the name\nholidays: NO\n'
LISTS = {
    "missing": "",
    "empty": "sources: []\n",
    "empty with a comment": "sources:   # none yet\n",
    "null": "sources: ~\n",
    "in brackets": "sources: [{name: shop, type: csv, path: a.csv, table: orders}]\n",
    "inset": "sources:   # here\n  # shop\n  - {name: shop, type: csv, path: 'a b.csv', table: orders}   # one\n",
    "in lines": "sources:\n- name: shop\n  type: csv\n  path: a.csv   # one\n  table: orders\n  # below\n",
    "paths in lines": "sources:\n  - name: shop\n    path:\n      - a.csv\n      - b.csv # last\n    type: csv\n",
    "with a long text": "sources:\n  - name: shop\n    type: csv\n    table: orders\n    query: |\n      select 1\n\n",
    "Windows lines": "sources:\r\n  - {name: shop, type: csv, path: a.csv, table: orders}\r\n",
}  # fmt: skip
ENDS = {"nothing": "", "a goal": "goals:\n  - kpi: cac\n    target: 0100\n", "no line end": "locale: en"}
TEXTS = st.one_of(
    st.sampled_from(
        ["yes", "null", "a: b", "# no comment", "- x", "2026-11-01", "0100", "광고 b.csv", "{x}", "[a]", "*.csv"]
    ),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12),
)


def with_entry(items: Any, entry: dict[str, Any]) -> list[Any]:
    """What a list holds when the entry is in it, worked out on plain values."""
    old = list(items or [])
    for place, item in enumerate(old):
        if item["name"] == entry["name"]:
            old[place] = item | entry
            return old
    return [*old, entry]


@long.examples("additions to kpi.yaml", 30, 2_000)
@given(
    st.sampled_from(sorted(LISTS)),
    st.sampled_from(sorted(ENDS)),
    st.sampled_from(["shop", "ads", "광고"]),
    TEXTS,
    st.lists(TEXTS, min_size=1, max_size=3),
)
def test_additions_mean_what_they_should(kind: str, end: str, name: str, query: str, paths: list[str]) -> None:
    """The entry is in the list, the rest means what it did, and no line of it is gone; else nothing is written."""
    text = SHOP + LISTS[kind] + ENDS[end]
    before: Any = read_text(text, "kpi.yaml").value
    entry = {"name": name, "path": paths, "query": query}
    try:
        written = with_entries(text, "sources", [entry])
    except SettingsError:
        assert name == "shop", "only what is written in lines of its own may be refused"
        return
    after: Any = read_text(written, "kpi.yaml").value
    assert after == before | {"sources": with_entry(before.get("sources"), entry)}
    is_new = name != "shop" or "shop" not in text
    lines = [line for line in text.splitlines() if not line.startswith("sources: ")]
    assert not is_new or kind == "in brackets" or [line for line in written.splitlines() if line in lines] == lines


@pytest.mark.parametrize("kind", LISTS)
def test_what_is_there_changes_nothing(kind: str) -> None:
    """The same entry twice is the same text."""
    once = with_entries(SHOP + LISTS[kind], "sources", [{"name": "ads", "type": "csv", "path": "x.csv"}])
    assert with_entries(once, "sources", [{"name": "ads", "type": "csv", "path": "x.csv"}]) == once


def test_a_longer_list_keeps_its_comments() -> None:
    """A further path goes below the others; the comment beside the last one stays."""
    text = LISTS["paths in lines"]
    longer = with_entries(text, "sources", [{"name": "shop", "path": ["a.csv", "b.csv", "c d.csv"]}])
    assert longer == text.replace("# last\n", '# last\n      - "c d.csv"\n')


def test_a_list_that_is_none_is_refused() -> None:
    """What stands where the list should be is named with its place."""
    with pytest.raises(SettingsError) as refusal:
        with_entries("company: x\nsources: none\n", "sources", [{"name": "a"}])
    assert (refusal.value.problems[0].line, refusal.value.problems[0].column) == (2, 10)


def test_a_key_goes_to_the_end_once() -> None:
    """A key of the top level is added, and refused where there is one."""
    text = with_value("company: x", "audiences", {"exec": ["cac", "roi"]})
    assert text == "company: x\naudiences: {exec: [cac, roi]}\n"
    with pytest.raises(SettingsError):
        with_value(text, "audiences", {})


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    """Its mode stays, and nothing else is left in the folder."""
    path = tmp_path / "kpi.yaml"
    path.write_text("old", "utf-8")
    path.chmod(0o600)
    write_whole(path, "새 글\n")
    assert (path.read_text("utf-8"), path.stat().st_mode & 0o777) == ("새 글\n", 0o600)
    assert list(tmp_path.iterdir()) == [path]
