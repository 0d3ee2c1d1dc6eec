"""Generated data on which the outcome of a comparison is known."""
