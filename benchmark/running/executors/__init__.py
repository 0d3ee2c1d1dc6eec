"""Ways to execute runs: one small protocol, one file each."""
