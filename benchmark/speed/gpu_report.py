"""Everything that one GPU has to show: `python -m benchmark.speed.gpu_report --minutes 40`.

Works through steps in order of value, unattended: tests that need a GPU, speed beside floors and
the reference loop, runs side by side, parity with the CPU, running out of memory, and the hours of
tables 1 to 4. The file is whole after every step, so that the report may be cut off at any point;
the same call goes on where the last one stopped. docs/performance.md says more.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmark.speed.gpu.progress import ReportFile
from core.errors import UserError

EXIT_WRONG_INPUT, EXIT_INTERRUPTED = 2, 130  # as the command line has them
GRACE = 20.0  # seconds after the deadline; the process that does the work ends by itself before


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or go on with a report; 1 where a step failed or was cut off in this call."""
    parser = argparse.ArgumentParser(prog="python -m benchmark.speed.gpu_report")
    parser.description = (__doc__ or "").partition("\n\n")[2]
    add = parser.add_argument
    add("--output", type=Path, default=Path("results/gpu_report.json"), metavar="FILE.json")
    add("--minutes", type=float, default=40.0, metavar="N", help="in all (default: 40)")
    add("--device", default="auto", metavar="auto|cpu|cuda:0", help="one device")
    add("--tiny", action="store_true", help="try the script: no figure means anything")
    add("--steps", nargs="+", metavar="NAME", help="only these (default: all)")
    add("--until", type=float, help=argparse.SUPPRESS)  # the process that does the work
    options = parser.parse_args(arguments)
    try:
        if options.until is not None:
            return _work(options)
        return _supervise(options, list(sys.argv[1:] if arguments is None else arguments))
    except UserError as error:
        console = Console(stderr=True, highlight=False, markup=False)
        console.print(f"error: {error}", soft_wrap=True)
        return EXIT_WRONG_INPUT
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def _supervise(options: argparse.Namespace, arguments: list[str]) -> int:
    """Have the steps done in a process, and in another one where it dies with steps left.

    A step may hang, or leave a process that the GPU does not answer any more.
    """
    deadline = time.time() + 60 * options.minutes
    file = ReportFile(options.output, options.tiny)
    file.cut_off("the call ended before it did")
    file.begin_call()
    command = [sys.executable, "-m", "benchmark.speed.gpu_report", *arguments]
    while True:
        begun = _begun(file)
        seconds = max(0.0, deadline - time.time()) + GRACE
        try:
            until = ["--until", str(deadline)]
            code = subprocess.run([*command, *until], timeout=seconds, check=False).returncode
            reason = f"its process ended with {code}"
        except subprocess.TimeoutExpired:
            code, reason = 0, "the time of the call was over"
        file = ReportFile(options.output, options.tiny)
        file.cut_off(reason)
        if code in (0, EXIT_WRONG_INPUT) or _begun(file) == begun:
            break
    if code:
        return code
    own = [found for found in file.report.steps.values() if found.call == file.report.calls]
    return int(any(found.state in ("failed", "cut off") for found in own))


def _begun(file: ReportFile) -> int:
    """How many steps this call has begun."""
    call = file.report.calls
    return sum(found.call == call for found in file.report.steps.values())


def _work(options: argparse.Namespace) -> int:
    from benchmark.speed.gpu.steps import STEPS, TINY_STEPS
    from benchmark.speed.gpu.work import choose_steps, resolve_device, work

    device = resolve_device(options.device, options.tiny)
    names = options.steps or (TINY_STEPS if options.tiny else [step.name for step in STEPS])
    console = Console(highlight=False, markup=False, emoji=False)
    file = ReportFile(options.output, options.tiny)
    return work(console, file, choose_steps(STEPS, names), device, options.until)


if __name__ == "__main__":
    sys.exit(main())
