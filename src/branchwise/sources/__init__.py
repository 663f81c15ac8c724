"""Adapters that bring a bank's files into an engine."""
