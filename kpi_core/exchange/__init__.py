"""Definitions in the words of other tools, read and written; what would mean something else is refused."""
