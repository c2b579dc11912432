"""How English, Korean and Chinese speak of periods: tables of words that the rules are made of."""
