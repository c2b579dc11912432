"""A file that somebody adds, as lines of text and as a card."""
