"""What the long-lived process does by itself: loads, summaries, syncs, posts."""
