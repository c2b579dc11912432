"""Field masks: what they name, and what a masked write clears."""

from __future__ import annotations

from typing import Any

import pytest

from sheets_sync.sandbox.document.masks import merged, parse_mask, pick

MASKS = (
    ("a.b,c", {"a": {"b": {}}, "c": {}}),
    ("a(b,c(d)),e", {"a": {"b": {}, "c": {"d": {}}}, "e": {}}),
    ("a/b/c", {"a": {"b": {"c": {}}}}),
    ("a.b,a.c", {"a": {"b": {}, "c": {}}}),
    ("*", {"*": {}}),
)


@pytest.mark.parametrize(("text", "tree"), MASKS)
def test_field_masks_are_read(text: str, tree: Any) -> None:
    """Dots, slashes, brackets and lists name the same fields."""
    assert parse_mask(text) == tree


def test_a_masked_write_clears_what_is_missing() -> None:
    """A masked field that the new value does not have is cleared, all others stay."""
    assert merged({"a": 1, "b": {"c": 1, "d": 2}}, {"b": {"d": 3}}, parse_mask("a,b.d")) == {"b": {"c": 1, "d": 3}}
    assert pick({"a": [{"b": 1, "c": 2}, {"c": 3}]}, parse_mask("a.b")) == {"a": [{"b": 1}, {}]}
