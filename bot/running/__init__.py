"""What the long-lived process does by itself: schedules, syncs, summaries."""
