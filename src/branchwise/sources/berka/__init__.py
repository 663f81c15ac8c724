"""The adapter ``berka``: a Czech bank of 77 branches, published for the challenge of PKDD'99."""
