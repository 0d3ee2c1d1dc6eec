"""A grid as it fills: on a terminal, and as a page that reloads itself."""
