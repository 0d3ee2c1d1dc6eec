"""The command line: which command is meant, and what becomes of its errors."""

import argparse
import errno
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Protocol, cast

from benchmark.commands.exit_codes import EXIT_INTERRUPTED, EXIT_WRONG_INPUT
from benchmark.commands.supported_systems import require_supported_system
from core.errors import UserError, printable

PROGRAM = "run_benchmark.py"
MAIN_JOB = "run"  # where no command is named
# The module of each command is the one of its name in `benchmark.commands`.
COMMANDS = {
    "data": "Obtain, prepare, check and look at data sets.",
    "show": "Print one run as a page, or draw its label maps or embeddings.",
    "status": "Print what is done, running and failed in a results folder, while others work on "
    "it; with suites, also what is left to do and how long it will take.",
    "doctor": "Check environment, devices, folders, data sets, and every file of the results "
    "folder.",
    "pack": "Write the records of many runs into one archive, with predictions and logits, without "
    "weights.",
    "speed": "Time the training step of every method, the bare network and a loop like the "
    "released scripts, one after the other, on noise of a published data set's shape.",
    "power": "Print how many repetitions find a difference of some points between each method and "
    "the baseline, by what the finished runs of a suite say of chance, and the hours they take.",
    "figure": "Draw one figure of a suite for a paper, as PDF or PNG.",
    "diff": "Print what differs between two runs, or between two results folders.",
}


class Command(Protocol):
    """A module of `benchmark.commands`, which says what its functions do."""

    def add_options(self, parser: argparse.ArgumentParser) -> None: ...
    def read(self, given: argparse.Namespace) -> Any: ...
    def run(self, options: Any) -> int: ...


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    name = given.pop(0) if given and given[0] in COMMANDS else MAIN_JOB
    debug = False
    try:
        require_supported_system(sys.platform)
        # Only this one, so that no command waits for what others import.
        command = cast(Command, import_module(f"benchmark.commands.{name}"))
        parser = _parser(name)
        command.add_options(parser)
        parsed = parser.parse_args(given)
        debug = parsed.debug
        return command.run(command.read(parsed))
    except UserError as error:
        if debug:
            traceback.print_exc()
        for number, line in enumerate((str(error), *error.entries)):
            print(f"{'  ' if number else 'error: '}{printable(line)}", file=sys.stderr)
        return EXIT_WRONG_INPUT
    except OSError as error:
        # Even a look at whether such a path exists fails, wherever that is.
        if error.errno not in (errno.ENAMETOOLONG, errno.EACCES):
            raise
        if debug:
            traceback.print_exc()
        name = printable(str(error.filename))
        print(f"error: {name}: {error.strerror}; give another path or name", file=sys.stderr)
        return EXIT_WRONG_INPUT
    except KeyboardInterrupt:
        print("interrupted: finished runs are kept; start again to continue", file=sys.stderr)
        return EXIT_INTERRUPTED


def _parser(name: str) -> argparse.ArgumentParser:
    if name in COMMANDS:
        return argparse.ArgumentParser(prog=f"{PROGRAM} {name}", description=COMMANDS[name])
    return argparse.ArgumentParser(
        prog=PROGRAM,
        description="Train every missing run of a suite and write its tables.",
        epilog=f"Other commands: {', '.join(COMMANDS)}; "
        f"python {PROGRAM} COMMAND --help says more. "
        f"Example: python {PROGRAM} --suite table1 --smoke",
    )
