"""Pseudonyms for whoever the data are about."""
