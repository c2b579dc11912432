"""What a write sends of plain values, and what it puts right."""
