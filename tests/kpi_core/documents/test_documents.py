"""YAML that people edit: values, places and problems."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.documents.yaml_file import plain_value, read_document, read_text
from kpi_core.errors import Problem, SettingsError


def problems_of(text: str) -> tuple[Problem, ...]:
    with pytest.raises(SettingsError) as caught:
        read_text(text, "kpi.yaml")
    return caught.value.problems


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("on", "on"),
        ("07:30", "07:30"),
        ("0123", "0123"),
        ("12", 12),
        ("-3", -3),
        ("+3", 3),
        ("1.5e3", 1500.0),
        (".5", 0.5),
        ("1_000", "1_000"),
        ("00.5", "00.5"),
        ("nan", "nan"),
        (".inf", ".inf"),
        ("-", "-"),
        ("1-2", "1-2"),
        ("2026-12-31", date(2026, 12, 31)),
        ("2026-02-30", "2026-02-30"),
        ("true", True),
        ("~", None),
        ("", None),
        ("²", "²"),
    ],
)
def test_plain_value(text: str, value: object) -> None:
    """An unquoted text means what it looks like to a marketer: NO is Norway, 0123 is an id, a date is a date."""
    assert plain_value(text) == value
    assert type(plain_value(text)) is type(value)


def test_places() -> None:
    """Each value and key knows its line and column, also behind a byte order mark, Windows line ends and Korean."""
    document = read_text("\ufeff회사: 한옥\r\ngoals:\r\n  - {kpi: cac, target: 40}\r\n", "kpi.yaml")
    assert document.value == {"회사": "한옥", "goals": [{"kpi": "cac", "target": 40}]}
    assert document.place(("회사",)) == (1, 5)
    assert document.place(("회사",), key=True) == (1, 1)
    assert document.place(("goals", 0, "target")) == (3, 24)
    assert document.place(("goals", 0, "absent")) == (3, 5)
    assert str(document.problem(("goals", 0), "no", "yes")) == "kpi.yaml:3:5: no\n    yes"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\n\tb: 2", 2, "tab"),
        ("a: 1\na: 2", 2, "a stands twice"),
        ("a: b: c", 1, "not valid YAML"),
        ("a: [1, 2", 1, "not valid YAML"),
        ("a: 'x", 1, "not valid YAML"),
        ("a: 1\n---\nb: 2", 2, "not valid YAML"),
        ("a:\n  - *x", 2, "alias"),
        ("a: !!python/object x", 1, "tag"),
        ("<<: {a: 1}", 1, "merge"),
        ("? [a]\n: 1", 1, "plain text"),
        ("a: 1\nb: \x07", 2, "control character"),
        ("a: &a [*a]", 1, "deeper"),
        ("[" * 100_000, 1, "deeper"),
        ("a: " * 5, 1, "not valid YAML"),
    ],
)
def test_broken_yaml(text: str, line: int, message: str) -> None:
    """Broken YAML is one problem with its line and a hint, never a crash."""
    problem = problems_of(text)[0]
    assert message in problem.message
    assert problem.line == line
    assert problem.hint


def test_bomb() -> None:
    """Nine lines that unfold into a billion values are refused at once."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "unfolds" in problems_of("\n".join(lines))[0].message


def test_every_double_is_told() -> None:
    """All repeated keys of a file are told, not only the first."""
    assert [problem.line for problem in problems_of("{a: 1, a: 2}\n")] == [1]
    assert [problem.line for problem in problems_of("a: 1\na: 2\nb: {c: 1, c: 2}\n")] == [2, 3]


def test_encodings(tmp_path: Path) -> None:
    """UTF-8 with a byte order mark and UTF-16 are read; another encoding is a problem with its line."""
    path = tmp_path / "kpi.yaml"
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        path.write_text("company: 한옥", encoding)
        assert read_document(path).value == {"company": "한옥"}
    path.write_bytes("a: 1\ncompany: 한옥".encode("cp949"))
    with pytest.raises(SettingsError) as caught:
        read_document(path, name="kpi.yaml")
    assert [(problem.file, problem.line) for problem in caught.value.problems] == [("kpi.yaml", 2)]
    with pytest.raises(SettingsError):
        read_document(tmp_path / "absent.yaml")


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.text(st.characters(codec="utf-8", exclude_categories=["C"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcd가나", min_size=1), inner, max_size=4),
    max_leaves=12,
)


@given(_VALUES)
def test_round_trip(value: object) -> None:
    """Whatever PyYAML writes with quotes is read back as it was."""
    text = (
        yaml.safe_dump(value, allow_unicode=True, default_style='"')
        if isinstance(value, str)
        else yaml.safe_dump(value)
    )
    assert read_text(text, "x").value == value


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    """Any text at all is read or refused with problems."""
    with suppress(SettingsError):
        read_text(text, "x")
