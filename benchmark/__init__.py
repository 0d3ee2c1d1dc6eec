"""Plan, schedule, train, store and report every run of a suite."""

__version__ = "0.1.0"

# Raised by one whenever a change to the training engine changes the numbers of any run: it is part
# of every key, so results of the older engine are kept but no longer found.
NUMERICS_VERSION = 2
