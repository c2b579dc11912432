"""Figures that people type into the tab of inputs of a spreadsheet."""
