"""The parts of a question by their use."""
