"""Carrying a plan out: scheduler, executors, workers."""
