"""Programs for those who work on branchwise."""
