"""Experiments with a simulation: pairs, precision, choosing the best, sample size and power."""
