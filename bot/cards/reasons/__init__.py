"""Why a number moved, what moved at all, and what is usual."""
