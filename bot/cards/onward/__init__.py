"""Where an answer leads: its buttons, what it may be held against, its exact amounts."""
