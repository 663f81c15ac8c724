"""HTTP JSON APIs as a source: page by page, resumed where it was broken off."""
