"""What `methods`, `datasets` and `benchmark` all stand on: errors, registries, seeds."""
