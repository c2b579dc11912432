"""How numbers, dates and money are written and typed in each locale."""
