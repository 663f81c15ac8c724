"""Intelligent bank branches: load, measure, diagnose, simulate, plan and prove."""

__version__ = "0.1.0"
