"""Local dates: periods, calendars, feasts, schedules. Half-open `[start, end)`, the clock passed in."""
