"""What is learned from the tables: forecasts and, later, segments, responses and texts."""
