"""A1 notation, there and back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sheets_sync.sandbox.document.a1 import Corner, Reference, column_letters, column_number, parse_reference

corners = st.builds(
    Corner, row=st.integers(0, 9999), column=st.integers(0, 18277), row_fixed=st.booleans(), column_fixed=st.booleans()
)

titles = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)


@given(st.none() | titles, corners, st.none() | corners)
def test_references_round_trip(title: str | None, first: Corner, last: Corner | None) -> None:
    """Whatever a tab is called, a reference to it reads back as it was written."""
    reference = Reference(title, first, last)
    assert parse_reference(str(reference)) == reference


@given(st.integers(0, 20000))
def test_column_letters_round_trip(column: int) -> None:
    """Letters and numbers of columns stand for each other."""
    assert column_number(column_letters(column)) == column
