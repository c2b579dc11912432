"""Secrets that the state keeps without being able to open them."""
