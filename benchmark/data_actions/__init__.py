"""What the command line does with data sets: list, fetch, prepare, check and show them."""
