"""Local stand-ins that speak the wire protocols of the services: the real product runs against them unchanged."""
