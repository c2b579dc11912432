"""Databases for whole scenarios."""

from state_side import postgres, states

__all__ = ["postgres", "states"]
