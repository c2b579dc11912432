"""Access that renews itself: refresh tokens that are good once, sealed and safe over a kill."""
