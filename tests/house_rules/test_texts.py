"""Files that travel: nothing in them belongs to one machine."""

from __future__ import annotations

import re

from shipped import ROOT, tracked

MACHINE = re.compile(
    r"(?<![\w.$}-])/(?:work|opt/pypi|Users/\w+|home/(?!user\b|kpi\b)\w+|tmp/\w+)/"  # a folder of somebody's machine
    r"|index-url|--find-links|trusted-host|pypi\.org/simple"  # a package index
)
PIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*==[0-9][A-Za-z0-9.+!-]*")


def test_no_file_names_a_machine() -> None:
    """No tracked file carries a path of one machine or the address of a package index."""
    found = []
    for path in tracked():
        if path == (ROOT / __file__).relative_to(ROOT):
            continue
        text = (ROOT / path).read_bytes().decode("utf-8", "replace")
        found += [f"{path}: {match.group()}" for match in MACHINE.finditer(text)]
    assert found == []


def test_constraints_are_versions_only() -> None:
    """constraints.txt pins each package once, as name==version, in order, and nothing else stands in it."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    assert [line for line in lines if not PIN.fullmatch(line)] == []
    names = [re.sub(r"[._-]+", "-", line.split("==")[0]).lower() for line in lines]
    assert len(set(names)) == len(names)
