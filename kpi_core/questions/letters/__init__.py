"""Letters that are written in more than one way."""
