"""Figures for papers, at the width of a column or of the text, one at a time."""
