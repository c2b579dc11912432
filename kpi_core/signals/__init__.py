"""What a number's own past says of it: unusual days, where a month lands, what a change is made of. Pure."""
