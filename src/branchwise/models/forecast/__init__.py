"""Forecasts of regular series: a portfolio, chosen by back-test, with honest intervals."""
