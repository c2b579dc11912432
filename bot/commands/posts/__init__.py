"""Commands about what leaves: summaries, when they come, what became of them."""
