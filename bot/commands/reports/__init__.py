"""What commands print or write of what they have done."""
