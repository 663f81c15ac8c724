"""Implementations of the Engine and Executor ports."""
