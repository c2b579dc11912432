"""Limits that a question sets to the values it asks for."""
