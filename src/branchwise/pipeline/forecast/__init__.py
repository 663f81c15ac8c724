"""Forecasts of a workspace: read what came, forecast it, store it, score what was said before."""
