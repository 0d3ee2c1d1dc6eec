"""Generated data in the shape and layout of the published data sets."""
