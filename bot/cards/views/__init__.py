"""What people fill in and look at beside answers: modals, the Home, cards to decide on. Pure."""
