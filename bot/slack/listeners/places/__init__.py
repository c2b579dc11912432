"""Other places to ask from: a message that somebody points at, a field that suggests, the agent's own view."""
