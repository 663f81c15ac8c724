"""From rows as delivered to rows as agreed, with every repair on record."""
