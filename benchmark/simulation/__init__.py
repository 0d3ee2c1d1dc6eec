"""How often a table of equal methods gets a mark, where repetitions really share their samples."""
