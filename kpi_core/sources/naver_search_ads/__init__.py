"""Naver Search Ads."""
