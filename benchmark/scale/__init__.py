"""What large plans cost, measured on results that never took place."""
