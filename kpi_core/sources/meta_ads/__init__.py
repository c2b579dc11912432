"""Meta Ads: Facebook and Instagram."""
