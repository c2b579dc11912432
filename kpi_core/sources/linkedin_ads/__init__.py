"""LinkedIn Ads."""
