"""What people used last, and what was proposed for retirement."""
