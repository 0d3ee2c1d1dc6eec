"""Command line of the benchmark: python run_benchmark.py --suite table1."""

import sys

from benchmark.cli import main

if __name__ == "__main__":
    sys.exit(main())
