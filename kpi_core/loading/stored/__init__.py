"""What the next snapshot holds, known while it is built."""
