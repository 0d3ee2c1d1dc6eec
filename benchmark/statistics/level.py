"""The level of every test and of every family of tests."""

ALPHA = 0.05
