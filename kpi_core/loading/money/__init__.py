"""Amounts of money: each has a currency and a basis of VAT, and the firm's are those that are added up."""
