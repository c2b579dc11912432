"""A number split into groups: which of them stand apart, and what becomes of the others."""
