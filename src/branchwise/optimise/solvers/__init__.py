"""From mathematics to decisions: closed forms and searches."""
