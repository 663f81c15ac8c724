"""The synthetic demo bank: a seeded generator of raw files whose truth is known."""
