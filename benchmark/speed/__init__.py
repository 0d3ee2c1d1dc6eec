"""How fast training is, next to the bare network and to a loop like the released scripts."""
