"""Formulas: their syntax, the functions, and what each cell comes to."""
