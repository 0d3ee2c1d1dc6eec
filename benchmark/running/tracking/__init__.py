"""Finished runs in the tools that people already look at runs with."""
