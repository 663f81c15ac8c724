"""Catalogue of every error code, one TOML file an area."""
