"""The branch simulated: a scenario, its days, what is measured on them, and whether to trust it.

`scenario` says what a simulated branch is, `calibrate` reads one off the canonical tables,
`checks` refuses what cannot be simulated, `kernel` lives through days, `run` and `trace` give what
happened as measures or as rows of the canonical tables, and `validate` says whether the branch's
own days come out.
"""
