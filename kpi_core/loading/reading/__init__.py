"""What the texts of a column say: numbers and days by the style that the column itself proves, words, spellings."""
