"""The report of tuning: default beside tuned, what was chosen, and from what."""
