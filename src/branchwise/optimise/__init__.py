"""Decisions: problems turn data into mathematics, solvers turn mathematics into decisions.

Neither knows the simulator. Whoever asks for a decision hands over a callable that appraises
candidates (see `model.Appraise`), and every decision is checked once more by `verify`, which
shares no code with model or solver.
"""
