"""Reading results: one run as a page, two runs or two folders compared; needs no PyTorch."""
