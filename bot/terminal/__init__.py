"""Answers, lists and differences as text in a terminal."""
