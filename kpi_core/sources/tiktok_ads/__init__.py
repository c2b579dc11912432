"""TikTok Ads."""
