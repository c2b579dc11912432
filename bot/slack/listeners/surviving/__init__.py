"""What a process took outlives it: written down before the ack, taken up by another."""
