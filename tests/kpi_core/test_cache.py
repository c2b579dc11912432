"""What is kept on disk for the next process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kpi_core.cache import cached, caching, folder_key


def counted() -> tuple[Callable[[], str], list[int]]:
    """Something to work out, and how often it was."""
    calls: list[int] = []

    def make() -> str:
        calls.append(1)
        return "worked out"

    return make, calls


def test_a_value_is_worked_out_once(tmp_path: Path) -> None:
    """Under the same name and key, the value of before is given; under another key it is worked out anew."""
    make, calls = counted()
    with caching(tmp_path / "kept"):
        assert [cached("value", "key", make), cached("value", "key", make)] == ["worked out"] * 2
        assert len(calls) == 1
        cached("value", "other key", make)
        cached("other value", "key", make)
    assert len(calls) == 3


def test_nothing_is_kept_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside `keeping`, every value is worked out, and nothing is written."""
    make, calls = counted()
    monkeypatch.setattr("kpi_core.cache._folder", None)
    with caching(tmp_path / "kept"):
        pass
    cached("value", "key", make)
    cached("value", "key", make)
    assert len(calls) == 2
    assert list((tmp_path / "kept").iterdir()) == []


def test_a_torn_file_is_worked_out_again(tmp_path: Path) -> None:
    """A file that cannot be read is no error: the value is worked out and written anew."""
    make, calls = counted()
    with caching(tmp_path):
        cached("value", "key", make)
        (file,) = tmp_path.iterdir()
        file.write_bytes(b"torn")
        assert cached("value", "key", make) == "worked out"
        cached("value", "key", make)
    assert len(calls) == 2


def test_a_folder_that_others_may_write_is_not_used(tmp_path: Path) -> None:
    """Reading a kept value can run code, so a folder that others may write to is neither read nor written."""
    make, calls = counted()
    tmp_path.chmod(0o777)
    with caching(tmp_path):
        cached("value", "key", make)
        cached("value", "key", make)
    assert len(calls) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_mistake_is_not_cached(tmp_path: Path) -> None:
    """What was raised once is raised again from the work itself, not from a file."""

    def fails() -> str:
        raise ValueError("no such thing")

    with caching(tmp_path), pytest.raises(ValueError, match="no such thing"):
        cached("value", "key", fails)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_has_another_key_after_a_change(tmp_path: Path) -> None:
    """A file added or written in a folder gives the folder another key."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "a.yaml").write_text("id: a", "utf-8")
    before = folder_key(tmp_path)
    assert folder_key(tmp_path) == before
    (tmp_path / "inner" / "a.yaml").write_text("id: ab", "utf-8")
    changed = folder_key(tmp_path)
    (tmp_path / "b.yaml").write_text("id: b", "utf-8")
    assert len({before, changed, folder_key(tmp_path)}) == 3
