"""Days of a scenario, lived through event by event in compiled code.

`model` turns a scenario into arrays, `state` holds what changes during a day, `day` is the loop;
the other modules are its parts, in the order in which a customer meets them: `draws`, `arrivals`,
`lines`, `servers`, `requests`, `breakdowns`.
"""
