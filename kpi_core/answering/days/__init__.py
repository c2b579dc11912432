"""Which days an input is taken of, where they are not the asked ones."""
