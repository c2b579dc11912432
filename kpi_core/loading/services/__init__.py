"""What loads keep of sources that ask a service, beside their rows."""
