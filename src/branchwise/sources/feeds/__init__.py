"""What sources that are asked over a wire have in common: addresses, marks, the protocol."""
