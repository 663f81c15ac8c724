"""From data to mathematics: frozen problems with units, checked before any search."""
