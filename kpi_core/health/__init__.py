"""The health of the data: what is known to be wrong with the rows behind a number. Pure."""
