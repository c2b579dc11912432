"""Google Ads."""
