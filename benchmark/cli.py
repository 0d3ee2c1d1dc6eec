"""The command line: what to run, how, and where results go."""

import argparse
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from core.errors import UserError

EXIT_FAILED_RUNS = 1
EXIT_WRONG_INPUT = 2
EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    command = _SUBCOMMANDS.get(given[0]) if given else None
    if command is None:
        command = _MAIN_JOB
    else:
        del given[0]
    options = command.parser().parse_args(given)
    try:
        return command.run(options)
    except UserError as error:
        if options.debug:
            traceback.print_exc()
        print(f"error: {error}", file=sys.stderr)
        return EXIT_WRONG_INPUT
    except KeyboardInterrupt:
        print("interrupted: finished runs are kept; start again to continue", file=sys.stderr)
        return EXIT_INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="run_benchmark.py",
        description="Train every missing run of a suite and write its tables.",
        epilog=f"Other commands: {', '.join(_SUBCOMMANDS)}; "
        "python run_benchmark.py COMMAND --help says more. "
        "Example: python run_benchmark.py --suite table1 --smoke",
    )
    add = parser.add_argument
    add(
        "--suite",
        action="append",
        required=True,
        metavar="NAME",
        help="a shipped suite or the path of a .yaml file; may be repeated: shared runs are "
        f"trained once (shipped: {', '.join(_suite_names())})",
    )
    add(
        "--smoke", action="store_true", help="miniature data, few epochs: the whole path in minutes"
    )
    add("--dry-run", action="store_true", help="show the plan and what is done, train nothing")
    add("--report-only", action="store_true", help="write reports from what is done, train nothing")

    _add_changes(parser)
    machine = parser.add_argument_group("where and how")
    machine.add_argument(
        "--devices",
        "--device",
        default="auto",
        metavar="auto|cpu|cuda|cuda:0,cuda:2",
        help="auto and cuda use all GPUs that are visible",
    )
    machine.add_argument(
        "--runs-per-device",
        "--workers",
        type=int,
        metavar="N",
        help="runs at once on each device (default: one per CPU core; on a GPU as many as fit, "
        "by the memory that earlier runs of the same shape took)",
    )
    machine.add_argument(
        "--executor",
        choices=("auto", "inline", "local", "ray"),
        default="auto",
        help="inline: in this process; local: in worker processes; ray: on a Ray cluster",
    )
    machine.add_argument(
        "--ray-address",
        metavar="auto|HOST:PORT",
        help="the Ray cluster (default: auto, the one that this machine is part of)",
    )
    machine.add_argument("--results", type=Path, default=Path("results"), metavar="DIR")
    machine.add_argument("--reports", type=Path, default=Path("reports"), metavar="DIR")
    machine.add_argument("--data", type=Path, default=Path("data"), metavar="DIR")
    machine.add_argument(
        "--keep-weights",
        action="store_true",
        help="keep the weights of all runs, not only teachers",
    )
    machine.add_argument(
        "--snapshot-minutes",
        default="10",
        metavar="N|off",
        help="least time between two snapshots, which a training that was stopped goes on from "
        "(default: 10; 0: after every epoch)",
    )
    machine.add_argument(
        "--no-graphs",
        action="store_true",
        help="on a GPU, launch each kernel by itself rather than training steps as CUDA graphs",
    )
    machine.add_argument("--debug", action="store_true", help="show tracebacks")
    return parser


def _add_changes(parser: argparse.ArgumentParser) -> None:
    """The options that change a suite."""
    grid = parser.add_argument_group("changes to the suite")
    grid.add_argument("--datasets", nargs="+", metavar="NAME", help="only these data sets")
    grid.add_argument("--methods", nargs="+", metavar="NAME", help="these methods instead")
    grid.add_argument("--plugins", nargs="+", metavar="NAME", help="these plug-ins instead")
    grid.add_argument(
        "--seeds", type=_seeds, metavar="N|I,J,..", help="number of repetitions, or which"
    )
    grid.add_argument("--epochs", type=int, metavar="N")
    grid.add_argument("--batch-size", type=int, metavar="N")
    grid.add_argument("--precision", choices=("auto", "fp32", "bf16"))
    grid.add_argument("--protocol", metavar="NAME")
    grid.add_argument(
        "--load",
        action="append",
        default=[],
        type=Path,
        metavar="FILE.py",
        help="run this Python file; the methods that it registers join the suite",
    )


def _data_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="run_benchmark.py data", description="Obtain, prepare, check and look at data sets."
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data", type=Path, default=Path("data"), metavar="DIR")
    common.add_argument("--debug", action="store_true", help="show tracebacks")
    named = argparse.ArgumentParser(add_help=False, parents=[common])
    named.add_argument("name", metavar="NAME", help="a data set; for check and show also a file")
    reading = argparse.ArgumentParser(add_help=False, parents=[named])
    reading.add_argument("--image-size", type=int, metavar="N", help="side in pixels")
    reading.add_argument("--modalities", nargs="+", metavar="NAME", help="only these")
    reading.add_argument(
        "--option", action="append", metavar="NAME=VALUE", help="an option of the reader"
    )
    actions.add_parser("list", parents=[common], help="what exists, and what is here")
    actions.add_parser("fetch", parents=[named], help="download; running again continues")
    actions.add_parser("prepare", parents=[reading], help="archives to memory-mapped arrays")
    actions.add_parser("check", parents=[reading], help="counts, ranges, duplicates, leaks")
    show = actions.add_parser("show", parents=[reading], help="a picture of some pairs per class")
    show.add_argument("--reports", type=Path, default=Path("reports"), metavar="DIR")
    show.add_argument("--output", type=Path, metavar="FILE.png")
    return parser


def _show_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="run_benchmark.py show", description="Print one run as a page."
    )
    parser.add_argument(
        "run", metavar="RUN", help="a run's key, the beginning of one, or a record's .json file"
    )
    _add_reading_options(parser)
    return parser


def _diff_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="run_benchmark.py diff",
        description="Print what differs between two runs, or between two results folders.",
    )
    parser.add_argument(
        "first",
        metavar="A",
        help="a run's key, the beginning of one, a record's .json file, or a results folder",
    )
    parser.add_argument("second", metavar="B", help="the same")
    _add_reading_options(parser)
    return parser


def _status_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="run_benchmark.py status",
        description="Print what is done, running and failed in a results folder, while others "
        "work on it; with suites, also what is left to do and how long it will take.",
    )
    parser.add_argument("--suite", action="append", default=[], metavar="NAME")
    parser.add_argument("--smoke", action="store_true", help="the suites are smoke runs")
    _add_changes(parser)
    parser.add_argument("--data", type=Path, default=Path("data"), metavar="DIR")
    _add_reading_options(parser)
    return parser


def _doctor_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="run_benchmark.py doctor",
        description="Check environment, devices, folders, data sets, and every file of the "
        "results folder.",
    )
    for name in ("reports", "data"):
        parser.add_argument(f"--{name}", type=Path, default=Path(name), metavar="DIR")
    parser.add_argument(
        "--repair",
        action="store_true",
        help="move corrupt and left-over files of the results folder aside; nothing is deleted",
    )
    _add_reading_options(parser)
    return parser


def _speed_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="run_benchmark.py speed",
        description="Time the training step of every method in turns with the bare network and "
        "with a loop in the way of released scripts, on noise of a published data set's shape.",
    )
    add = parser.add_argument
    add("--shape", choices=("eurosat", "sunrgbd", "tristar"), default="eurosat")
    add("--batch-size", type=int, default=128, metavar="N")
    add("--device", default="auto", metavar="auto|cpu|cuda:0", help="one device")
    add("--precision", choices=("auto", "fp32", "bf16"), default="auto")
    add(
        "--methods",
        nargs="+",
        metavar="NAME",
        help="only these, as dkd or dkd+lskd (default: all, and dkd+lskd)",
    )
    add("--rounds", type=int, default=7, metavar="N", help="turns of each (default: 7)")
    add("--steps", type=int, default=2, metavar="N", help="training steps a turn (default: 2)")
    add(
        "--threads",
        type=int,
        default=1,
        metavar="N",
        help="CPU threads of each (default: 1, as a worker on the CPU has)",
    )
    add(
        "--loader-workers",
        type=int,
        default=0,
        metavar="N",
        help="processes that prepare the batches of the loop in the way of released scripts "
        "(default: 0, its own)",
    )
    add("--output", type=Path, metavar="FILE.json", help="default: in DIR/speed/ of --results")
    _add_reading_options(parser)
    return parser


def _add_reading_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--results",
        type=Path,
        default=Path("results"),
        metavar="DIR",
        help="where keys are looked for (default: results)",
    )
    parser.add_argument("--debug", action="store_true", help="show tracebacks")


def _seeds(text: str) -> Any:
    """A number of repetitions, or a list of them."""
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"'{text}' is neither a number of repetitions nor a list such as 0,1,4"
        ) from None
    return numbers if "," in text else numbers[0]


def _suite_names() -> list[str]:
    return sorted(
        path.stem for path in (Path(__file__).parent / "planning" / "suites").glob("*.yaml")
    )


@dataclass(frozen=True)
class _Command:
    """How a command reads its arguments, and the function that does it, as `module:function`."""

    parser: Callable[[], argparse.ArgumentParser]
    handler: str

    def run(self, options: argparse.Namespace) -> int:
        """Do the command; returns the exit code."""
        # Imported here so that --help and usage errors answer without waiting for PyTorch.
        module, _, function = self.handler.partition(":")
        handler: Callable[[argparse.Namespace], int] = getattr(import_module(module), function)
        return handler(options)


_MAIN_JOB = _Command(_parser, "benchmark.commands.run:run_suites")
_SUBCOMMANDS = {
    "data": _Command(_data_parser, "benchmark.commands.data:run_data_command"),
    "show": _Command(_show_parser, "benchmark.commands.reading:show_run"),
    "status": _Command(_status_parser, "benchmark.commands.status:show_status"),
    "doctor": _Command(_doctor_parser, "benchmark.commands.doctor:run_doctor"),
    "speed": _Command(_speed_parser, "benchmark.commands.speed:measure_speed"),
    "diff": _Command(_diff_parser, "benchmark.commands.reading:show_differences"),
}
