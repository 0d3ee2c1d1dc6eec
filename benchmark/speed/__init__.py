"""How fast training is: beside the bare network, and beside a loop as released scripts have it."""
