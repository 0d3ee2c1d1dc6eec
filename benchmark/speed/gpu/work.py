"""Works through the steps of a GPU report, in this process."""

import faulthandler
import gc
import sys
import time
import traceback
from collections.abc import Iterable

import torch
from rich.console import Console

from benchmark.running.provenance import describe_environment
from benchmark.speed.gpu.progress import ReportFile, StepReport
from benchmark.speed.gpu.sizes import FULL, TINY
from benchmark.speed.gpu.step import Context, Step
from benchmark.speed.measurement import FOLDER
from benchmark.training.precision import resolve_devices, resolve_precision
from core.errors import UserError

AGAIN = 3  # exit code: this process is of no use any more, and there may be steps left


def resolve_device(wanted: str, tiny: bool) -> torch.device:
    """The device to measure.

    Raises:
        UserError: there is no such device, or it is a CPU and the sizes are those of a GPU.
    """
    device = resolve_devices(wanted)[0]
    if device.type == "cpu" and not tiny:
        raise UserError(
            "a GPU report needs a GPU, and found none that PyTorch can use; --tiny tries the "
            "script on the CPU"
        )
    return device


def work(
    console: Console, file: ReportFile, steps: Iterable[Step], device: torch.device, deadline: float
) -> int:
    """Do all steps that are not done and fit; what failed or was cut off in an earlier call last.

    A step that hangs ends this process: its stacks are printed, and the next process goes on.

    Args:
        console: where a line per step goes.
        file: written after every step.
        steps: in the order of their value.
        device: what is measured.
        deadline: when all must have ended, as `time.time` counts.

    Returns:
        The exit code: 0, or `AGAIN` where the device does not answer this process any more.
    """
    call = file.report.calls
    environment = describe_environment(device, resolve_precision("auto", device))
    for step in sorted(steps, key=lambda step: _was_tried(file, step)):
        before = file.report.steps.get(step.name)
        if before and (before.state == "done" or before.call == call):
            continue
        entry = StepReport(state="under way", call=call, device=environment.device)
        left = deadline - time.time()
        if left < step.seconds:
            reason = f"it may take {step.seconds:.0f} s, and {max(0, left):.0f} s were left"
            console.print(f"{step.name}: skipped, {reason}", soft_wrap=True)
            if not _was_tried(file, step):  # why an earlier call did not do it says more
                file.note(
                    step.name, entry.model_copy(update={"state": "skipped", "reason": reason})
                )
            continue
        file.note(step.name, entry)
        context = _context(console, file, step, device, deadline)
        done = _do(step, context, entry)
        file.note(step.name, done)
        reason = f": {done.reason}" if done.reason else ""
        console.print(f"{step.name}: {done.state}, {done.seconds:.1f} s{reason}", soft_wrap=True)
        if not _answers(device):
            return AGAIN
    return 0


def _was_tried(file: ReportFile, step: Step) -> bool:
    found = file.report.steps.get(step.name)
    return found is not None and found.state in ("failed", "cut off")


def _context(
    console: Console, file: ReportFile, step: Step, device: torch.device, deadline: float
) -> Context:
    report = file.report
    sizes = TINY if report.tiny else FULL
    own = min(deadline, time.time() + sizes.patience * step.seconds)
    return Context(console, device, sizes, report, file.path.parent / FOLDER, own)


def _do(step: Step, context: Context, entry: StepReport) -> StepReport:
    """Do one step; whatever goes wrong in it is part of what it leaves."""
    started = time.time()
    # Of the interpreter, since what hangs may never come back to it.
    faulthandler.dump_traceback_later(
        context.seconds_left, exit=True, file=sys.__stderr__ or sys.stderr
    )
    try:
        changes = {"state": "done", "result": step.do(context)}
    except Exception as error:
        first, *_ = str(error).splitlines() or [""]
        reason = f"{type(error).__name__}: {first}"
        changes = {"state": "failed", "reason": reason, "details": traceback.format_exc()}
    finally:
        faulthandler.cancel_dump_traceback_later()
    return entry.model_copy(update={**changes, "seconds": time.time() - started})


def _answers(device: torch.device) -> bool:
    """Free what a step left; whether the device still answers, which a failed kernel may end."""
    gc.collect()
    if device.type == "cuda":
        try:
            torch.cuda.synchronize(device)
            torch.cuda.empty_cache()
        except RuntimeError:
            return False
    return True


def choose_steps(steps: Iterable[Step], names: Iterable[str]) -> list[Step]:
    """The steps of these names, in their own order.

    Raises:
        UserError: there is no such step.
    """
    known = {step.name: step for step in steps}
    for name in names:
        if name not in known:
            listing = ", ".join(f"'{each}'" for each in known)
            raise UserError(f"--steps '{name}': no such step; the steps are {listing}")
    wanted = set(names)
    return [step for name, step in known.items() if name in wanted]
