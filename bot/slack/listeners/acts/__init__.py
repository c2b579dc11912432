"""What people do beside asking: decide who reads along, set goals and alerts, pause what comes by itself."""
