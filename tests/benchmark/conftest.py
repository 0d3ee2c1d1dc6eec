"""Records of constructed scores, for tests of the store and of reports."""

from collections.abc import Callable

import pytest

from benchmark.plan import PlannedRun
from benchmark.records import (
    DataFacts,
    DeploymentResult,
    Environment,
    Evaluation,
    Record,
    Resources,
    Scores,
)

MakeRecord = Callable[..., Record]


def _scores(value: float) -> Scores:
    return Scores(weighted_f1=value, macro_f1=value / 2, accuracy=value, confusion=[[1, 0], [0, 1]])


@pytest.fixture
def make_record() -> MakeRecord:
    """Make a record of a run with the given test score per deployed network."""

    def make(run: PlannedRun, scores: dict[str, float], last: float = 0.1) -> Record:
        deployments = {
            name: DeploymentResult(
                parameters=22_000_000 if run.spec.method == "discom_kd" else 11_000_000,
                selected=Evaluation(epoch=1, validation=_scores(0.5), test=_scores(value)),
                last=Evaluation(epoch=2, validation=_scores(0.4), test=_scores(last)),
                validation_curve=[0.1, 0.5, 0.4],
            )
            for name, value in scores.items()
        }
        return Record(
            key=run.key,
            spec=run.spec,
            data=DataFacts(
                name=run.source.name,
                fingerprint=run.spec.data.fingerprint,
                class_names=["a", "b"],
                train_samples=7,
                validation_samples=1,
                test_samples=2,
                notes=[],
            ),
            deployments=deployments,
            loss_curve=[2.0, 1.0, 0.5],
            resources=Resources(
                seconds=1, images_per_second=2, peak_memory_bytes=3, trained_parameters=4
            ),
            environment=Environment(
                device="CPU test",
                precision="fp32",
                threads=1,
                versions={"torch": "2"},
                git_commit=None,
                git_dirty=None,
            ),
        )

    return make
