"""Readers by form: text, fixed width, JSON lines, Parquet, Excel; archives and encodings."""
