"""What stands behind a card: its menu, the view that shares it, and presses on what is no more."""
