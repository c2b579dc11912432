"""Campaigns of ActiveCampaign with what they have come to."""
