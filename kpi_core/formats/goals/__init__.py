"""A goal in a reader's language: how it stands, and what became of it."""
