"""How far a GPU report is: the file that is written after every step."""

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from core.errors import UserError
from core.files import write_atomically
from core.models import StrictModel

State = Literal["done", "failed", "skipped", "under way", "cut off"]


class StepReport(StrictModel):
    """What became of a step.

    Attributes:
        state: "under way" where the process that worked on it may be alive, "cut off" where it
            ended before the step did.
        call: the call that it belongs to, from 1.
        device: what it ran on.
        seconds: that it took; None where it did not end.
        reason: why it was not done, one sentence; "" where it was.
        details: traceback of a failure.
        result: what it found.
    """

    state: State
    call: int
    device: str
    seconds: float | None = None
    reason: str = ""
    details: str = ""
    result: dict[str, Any] = Field(default_factory=dict)


class Report(StrictModel):
    """A GPU report.

    Attributes:
        tiny: of sizes that try the script alone: no figure in it means anything.
        calls: how often it was begun or gone on with.
        steps: by name, in the order in which they were first begun.
    """

    tiny: bool
    calls: int = 0
    steps: dict[str, StepReport] = Field(default_factory=dict)

    def result(self, step: str) -> dict[str, Any] | None:
        """What a step found; None where it is not done."""
        found = self.steps.get(step)
        return found.result if found is not None and found.state == "done" else None


class ReportFile:
    """A report and its file, which is whole at any time.

    Args:
        path: the file; there may be none yet.
        tiny: see `Report`.

    Raises:
        UserError: the file is no such report, or one of other sizes.
    """

    def __init__(self, path: Path, tiny: bool) -> None:
        self.path = path
        self.report = Report(tiny=tiny)
        if not path.exists():
            return
        try:
            self.report = Report.model_validate(json.loads(path.read_bytes()))
        except (OSError, ValueError, ValidationError):
            raise UserError(
                f"{path}: found no GPU report, so nothing can be gone on with; give another "
                "--output"
            ) from None
        if self.report.tiny != tiny:
            sizes = "tiny" if self.report.tiny else "full"
            raise UserError(
                f"{path}: found a report of {sizes} sizes, expected those of this call; give "
                "another --output"
            )

    def begin_call(self) -> None:
        """Count a call."""
        self._write(self.report.model_copy(update={"calls": self.report.calls + 1}))

    def note(self, step: str, found: StepReport) -> None:
        """Write what became of a step."""
        steps = {**self.report.steps, step: found}
        self._write(self.report.model_copy(update={"steps": steps}))

    def cut_off(self, reason: str) -> None:
        """Note that no process works on the step that was under way, if any was."""
        for name, found in self.report.steps.items():
            if found.state == "under way":
                self.note(name, found.model_copy(update={"state": "cut off", "reason": reason}))

    def _write(self, report: Report) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            content = report.model_dump(mode="json")
            write_atomically(self.path, (json.dumps(content, indent=1) + "\n").encode())
        except OSError as error:
            raise UserError(
                f"cannot write {self.path}: {error.strerror}; give another --output"
            ) from None
        self.report = report
