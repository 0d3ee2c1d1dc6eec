"""What the statistics of a table say, as marks, text and figures."""
