"""What talks with people leave behind for a while."""
