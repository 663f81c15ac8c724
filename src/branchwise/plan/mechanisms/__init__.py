"""How interventions change a simulated branch: pure functions from scenario to scenario.

The mechanisms are in `windows`, `devices`, `people`, `hours`, `diversion`, `appointments` and
`rules`, found by name in `registry`; `plan.applied` carries options out by them. A mechanism leaves
a scenario as it is where what it changes is not there, so that an option can be tried on every
weekday and on every draw of the parameters.
"""
