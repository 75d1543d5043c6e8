"""The links of the portal: their tokens, their rows, and what may be done with them."""
