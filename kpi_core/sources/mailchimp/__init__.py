"""Campaigns of Mailchimp, as their reports have them."""
