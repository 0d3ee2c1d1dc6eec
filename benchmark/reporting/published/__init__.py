"""Our numbers beside those that the papers print."""
