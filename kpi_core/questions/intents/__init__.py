"""What a question asks for that is no number by itself: why it moved, what a KPI means."""
