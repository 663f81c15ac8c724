"""``branchwise plan``: findings → options → tried in the twin → chosen → a costed plan."""
