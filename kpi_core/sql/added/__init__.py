"""Columns that are added to the rows of a model: what look-ups tell, what the clock says."""
