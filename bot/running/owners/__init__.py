"""Who hears of troubles and answers for goals, and by what name people know them."""
