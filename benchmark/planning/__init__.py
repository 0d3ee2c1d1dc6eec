"""From suite files to the runs that they need."""
