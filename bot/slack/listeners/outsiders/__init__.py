"""People who are no members of the workspace: its guests, and where they read along."""
