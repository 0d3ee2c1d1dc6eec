"""Tuning: the same number of trials for every row, chosen by validation alone."""
