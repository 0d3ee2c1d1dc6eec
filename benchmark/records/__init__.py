"""What a run is and what it leaves: spec, record, and the results folder."""
