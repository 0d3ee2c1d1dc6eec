"""Runs in Weights & Biases."""

import os
from pathlib import Path

from benchmark.running.tracking.base import LoggedRun

PROJECT = "cmkd-benchmark"


class WeightsAndBiases:
    """A run each, with the key as its id.

    Nothing leaves the machine unless `WANDB_MODE=online` is set: runs are written to
    `<results>/wandb`, from where `wandb sync` sends them. `WANDB_PROJECT`, `WANDB_ENTITY` and the
    like count as they do everywhere.

    Args:
        results: the results folder.
    """

    def __init__(self, results: Path) -> None:
        self._results = results.absolute()
        self._mode = os.environ.get("WANDB_MODE") or "offline"
        self._project = os.environ.get("WANDB_PROJECT") or PROJECT

    @property
    def place(self) -> str:
        """The project, and where it is."""
        where = str(self._results / "wandb") if self._mode == "offline" else self._mode
        return f"Weights & Biases project {self._project}, {where}"

    def log(self, run: LoggedRun) -> None:
        import wandb  # here, as it need not be installed

        self._results.mkdir(parents=True, exist_ok=True)
        # Console, code and system of this process are not those of the run.
        quiet = wandb.Settings(
            silent=True, console="off", disable_git=True, save_code=False, x_disable_stats=True
        )
        with wandb.init(
            project=self._project,
            id=run.key,
            name=run.name,
            group=run.dataset,
            config=dict(run.configuration),
            dir=self._results,
            mode="offline" if self._mode == "offline" else None,  # None: as WANDB_MODE says
            settings=quiet,
        ) as logged:
            for epoch, values in run.epochs.items():
                logged.log(values, step=epoch)
            logged.summary.update(dict(run.scores))
