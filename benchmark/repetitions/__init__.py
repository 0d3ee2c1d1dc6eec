"""How many repetitions a question needs, from those that are done."""
