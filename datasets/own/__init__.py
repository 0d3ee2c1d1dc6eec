"""A user's own data, and the checks that it must pass."""
