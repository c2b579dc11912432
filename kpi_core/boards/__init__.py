"""Where a goal's next step is worked on: a task on the team's board, made from here, its state read back."""
