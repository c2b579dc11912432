"""A state that is older than it was: how that is seen, and since when all is in doubt."""
