"""The tab of inputs: figures that no system has."""
