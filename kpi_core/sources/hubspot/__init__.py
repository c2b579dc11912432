"""Deals or contacts of HubSpot as leads, by its CRM API."""
