"""Whether a machine and its folders are fit for work."""
