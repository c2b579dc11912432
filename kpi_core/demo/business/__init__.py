"""What happens in the demo company, one subject a file: each makes some of its tables."""
