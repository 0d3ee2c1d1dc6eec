"""Runs in MLflow's tracking store."""

import os
import re
import time
from pathlib import Path
from typing import Any

from benchmark.running.tracking.base import LoggedRun, without_secrets

EXPERIMENT = "cmkd-benchmark"
_MOST_METRICS = 1000  # of one request
_MOST_PARAMETERS = 100
_LONGEST_VALUE = 6000  # characters of a parameter
_NOT_IN_NAMES = re.compile(r"[^\w\-. /]")


class MLflow:
    """A run each in one experiment; one that was left unfinished there is replaced.

    `MLFLOW_TRACKING_URI` and `MLFLOW_EXPERIMENT_NAME` count as they do everywhere; without them
    runs are in `<results>/mlflow.db`, in the experiment cmkd-benchmark.

    Args:
        results: the results folder.
    """

    def __init__(self, results: Path) -> None:
        default = f"sqlite:///{(results / 'mlflow.db').absolute()}"
        self._address = os.environ.get("MLFLOW_TRACKING_URI") or default
        self._experiment = os.environ.get("MLFLOW_EXPERIMENT_NAME") or EXPERIMENT
        # Of MLflow, which is imported where it is used, as it need not be installed.
        self._client: Any = None
        self._experiment_id = ""

    @property
    def place(self) -> str:
        """The experiment, and where it is."""
        return f"MLflow experiment {self._experiment}, {without_secrets(self._address)}"

    def log(self, run: LoggedRun) -> None:
        from mlflow.entities import Metric, Param

        if self._client is None:
            self._open()
        client = self._client
        self._remove_unfinished(run.key)
        now = int(1000 * time.time())
        tags = {"key": run.key, "dataset": run.dataset}
        made = client.create_run(self._experiment_id, tags=tags, run_name=run.name).info.run_id
        metrics = [Metric(_name(name), value, now, 0) for name, value in run.scores.items()]
        metrics += [
            Metric(_name(name), value, now, epoch)
            for epoch, values in run.epochs.items()
            for name, value in values.items()
        ]
        parameters = [
            Param(_name(name), str(value)[:_LONGEST_VALUE])
            for name, value in run.configuration.items()
        ]
        for start in range(0, len(metrics), _MOST_METRICS):
            client.log_batch(made, metrics=metrics[start : start + _MOST_METRICS])
        for start in range(0, len(parameters), _MOST_PARAMETERS):
            client.log_batch(made, params=parameters[start : start + _MOST_PARAMETERS])
        client.set_terminated(made)

    def _open(self) -> None:
        from mlflow.tracking import MlflowClient

        client = MlflowClient(self._address)
        found = client.get_experiment_by_name(self._experiment)
        self._experiment_id = (
            found.experiment_id if found else client.create_experiment(self._experiment)
        )
        self._client = client

    def _remove_unfinished(self, key: str) -> None:
        """Remove what attempts to log a run have left that failed or were stopped."""
        half = f"tags.key = '{key}' and attributes.status != 'FINISHED'"
        for left in self._client.search_runs([self._experiment_id], half):
            self._client.delete_run(left.info.run_id)


def _name(name: str) -> str:
    """A name with what MLflow allows in one, "_" for the rest."""
    return _NOT_IN_NAMES.sub("_", name)
