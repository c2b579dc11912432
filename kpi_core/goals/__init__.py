"""What goals mean: which one a number meets, how it stands, whether it was well set. Pure."""
