"""From archives and folders to memory-mapped arrays."""
