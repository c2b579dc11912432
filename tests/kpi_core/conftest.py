"""Databases for the tests of the core."""

from state_side import postgres, states

__all__ = ["postgres", "states"]
