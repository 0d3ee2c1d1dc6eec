"""The report of a suite that goes from one protocol to another, switch by switch."""
