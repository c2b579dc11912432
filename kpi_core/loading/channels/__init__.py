"""One list of channels for all sources, so that spend and orders meet by channel."""
