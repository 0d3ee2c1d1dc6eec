"""One file a command: its options, and what it does with them.

Each has `add_options(parser)`, `read(given)`, which turns what was parsed into its own frozen
options, and `run(options)`, which does the command and returns the exit code. These files import no
library but the standard one; `run` imports what does the work, so that help and usage errors answer
at once.
"""
