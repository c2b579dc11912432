"""Whether the bot is installed in a workspace, and what happens when it is taken out."""
