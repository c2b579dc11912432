"""Secrets that renew themselves, in the state of both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from state_side import States

from kpi_core.state.sealed.vault import StateVault
from kpi_core.state.store import open_store

NOW = datetime(2026, 11, 27, 3, tzinfo=UTC)


def test_what_is_sealed(states: States) -> None:
    """The newest text of a name; one holder at a time, until it ends or has not been heard of for minutes."""
    store = open_store(states.new(), Path())
    vault, other = StateVault(lambda: store, None), StateVault(lambda: store, None)
    assert vault.read("source shop") is None
    vault.write("source shop", "one", NOW)
    vault.write("source shop", "two", NOW)
    assert other.read("source shop") == "two"
    with vault.alone("source shop", NOW) as first, other.alone("source shop", NOW) as second:
        assert (first, second) == (True, False)
        with (
            other.alone("source mall", NOW) as elsewhere,
            other.alone("source shop", NOW + timedelta(minutes=6)) as late,
        ):
            assert (elsewhere, late) == (True, True)
    store.close()
