"""Golden files: what people see, kept as text that a reviewer can read.

A test calls `matches_golden("cards/cac.txt", text)`. A missing or different file fails; `pytest --update-golden` writes
it. `tests/conftest.py` fails a whole run that leaves a golden file unused.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent / "golden"
used: set[str] = set()
update = False


def matches_golden(name: str, text: str) -> None:
    """Fail unless `text` is what the golden file `name` holds."""
    path = FOLDER / name
    used.add(Path(name).as_posix())
    if update:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return
    assert path.is_file(), f"golden file {name} is missing: look at the output, then run pytest --update-golden"
    expected = path.read_text("utf-8")
    assert text == expected, f"{name} differs from what people saw before"


def unused() -> list[str]:
    """The golden files that no test has asked for."""
    there = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()}
    return sorted(there - used)
