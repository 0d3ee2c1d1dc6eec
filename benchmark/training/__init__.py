"""The training engine: device-resident data, D4 views, teacher lookup, loop."""
