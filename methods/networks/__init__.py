"""Networks that methods share."""
