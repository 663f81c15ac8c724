"""The twin's verbs: calibrate, validate, run, compare; one file a verb.

Everything is kept under ``twin/`` of the workspace, a folder a branch: ``scenario.toml`` of the
mean open day, ``weekday_1.toml`` to ``weekday_7.toml``, ``calibration.toml``, ``validation.toml``,
the results of sweeps under ``runs/`` and simulated days as canonical tables.
"""
