"""A results folder of any size: a suite on tiny data, and records of runs that never took place.

For measuring what plans and reports cost, and for nothing else: scores are random.
"""

import hashlib
import math
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import yaml

from benchmark.planning.config import Suite, read_suite
from benchmark.planning.inventory import take_inventory
from benchmark.planning.plan import Plan, PlannedRun, make_plan
from benchmark.records.predictions import pack_predictions
from benchmark.records.record import (
    DataFacts,
    DeploymentResult,
    Environment,
    Evaluation,
    Record,
    Resources,
)
from benchmark.records.record_file import encode_record
from benchmark.records.result import WEIGHTS
from benchmark.records.run_files import PREDICTIONS, RUNS
from benchmark.records.scores import ClassificationScores
from methods.contract import deployment_name
from methods.reference import Reference

CLASSES, EPOCHS = 10, 300
SHARES = (14, 1, 5)  # samples of a class in training, validation and test
SAMPLES, TEST = sum(SHARES) * CLASSES, SHARES[2] * CLASSES
METHODS = ("kd_v1", "kd_v2", "dkd")
PLUGINS = ("none", "lskd")


def write_suite(folder: Path, runs: int) -> Path:
    """Write a suite of about `runs` runs, at least 100, and its data; returns the suite's file.

    Data sets, repetitions and variants of methods all grow with the number of runs, so that the
    tables grow in rows and columns and their cells in repetitions, up to 20 and some.
    """
    seeds = max(2, round((runs / 12.5) ** (1 / 3)))
    datasets = max(2, seeds // 2)
    # Per data set and repetition: three references, a joint run, and each variant with each plug-in
    # for three students, one of the cross-modal scenario and two of the multi-modal one.
    variants = max(1, round((runs / (datasets * seeds) - 4) / (3 * len(PLUGINS))))
    random = np.random.default_rng(0)
    entries = []
    for number in range(datasets):
        images = random.integers(0, 256, (2, SAMPLES, 1, 8, 8), np.uint8)
        labels = np.repeat(np.arange(CLASSES), sum(SHARES))
        np.savez(folder / f"data{number}.npz", RGB=images[0], DEPTH=images[1], labels=labels)
        entry = {"name": f"data{number}", "npz": f"data{number}.npz"}
        entries.append({**entry, "teacher": "RGB", "student": "DEPTH"})
    methods = [
        {"name": METHODS[number % len(METHODS)], "temperature": 1 + number // len(METHODS)}
        for number in range(variants)
    ]
    suite = {
        "name": "scale",
        "scenario": ["cross_modal", "multi_modal"],
        "datasets": entries,
        "methods": [*methods, "discom_kd"],
        "plugins": list(PLUGINS),
        "seeds": seeds,
        "training": {"epochs": EPOCHS},
    }
    path = folder / "scale.yaml"
    path.write_text(yaml.safe_dump(suite), encoding="utf-8")
    return path


def plan_of(path: Path) -> tuple[Suite, Plan]:
    """The suite of a file, planned as the command line does it."""
    suite = read_suite(str(path))
    plan = Plan()
    plan.merge(make_plan(suite, take_inventory(suite, path.parent)))
    return suite, plan


def fill(runs: Iterable[PlannedRun], results: Path) -> None:
    """Write a record, predictions and what stands for weights of every run.

    In the format of `ResultStore.save`, but without waiting for the disk after each file.
    """
    folder = results / RUNS
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    for run in runs:
        modalities = run.spec.modalities
        joint = run.spec.method == "discom_kd"
        deployed = modalities if joint else (deployment_name(modalities),)
        contents = {PREDICTIONS: _predictions(deployed, run.spec.repetition, random)}
        if run.spec.method == Reference.name:
            contents[WEIGHTS] = b"weights"
        for suffix, content in contents.items():
            (folder / f"{run.key}.{suffix}").write_bytes(content)
        files = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
        record = _record(run, deployed, files, random)
        (folder / f"{run.key}.json").write_bytes(encode_record(record))


def link_half(results: Path, other: Path) -> None:
    """Make a results folder that has the files of every second run of another."""
    (other / RUNS).mkdir(parents=True)
    for path in sorted((results / RUNS).glob("*.json"))[::2]:
        for name in (path.name, f"{path.stem}.{PREDICTIONS}", f"{path.stem}.{WEIGHTS}"):
            if (path.parent / name).exists():
                os.link(path.parent / name, other / RUNS / name)


def _predictions(deployed: Iterable[str], repetition: int, random: np.random.Generator) -> bytes:
    targets = np.repeat(np.arange(CLASSES), TEST // CLASSES)
    networks = {name: random.integers(0, CLASSES, TEST) for name in deployed}
    indices = np.sort(np.random.default_rng(repetition).permutation(SAMPLES)[:TEST])
    return pack_predictions({"indices": indices, "targets": targets, **networks})


def _record(
    run: PlannedRun, deployed: Iterable[str], files: dict[str, str], random: np.random.Generator
) -> Record:
    return Record(
        key=run.key,
        spec=run.spec,
        data=DataFacts(
            name=run.source.name,
            fingerprint=run.spec.data.fingerprint,
            class_names=[str(number) for number in range(CLASSES)],
            train_samples=SHARES[0] * CLASSES,
            validation_samples=SHARES[1] * CLASSES,
            test_samples=TEST,
            notes=[],
        ),
        deployments={
            name: DeploymentResult(
                parameters=11_181_642,
                selected=_evaluation(random),
                last=_evaluation(random),
                validation_curve=random.random(EPOCHS).tolist(),
            )
            for name in deployed
        },
        loss_curve=random.random(EPOCHS).tolist(),
        resources=Resources(
            seconds=1.0, images_per_second=1.0, peak_memory_bytes=1, trained_parameters=11_181_642
        ),
        environment=Environment(
            device="CPU synthetic",
            precision="fp32",
            threads=1,
            versions={"benchmark": "0", "python": "0", "torch": "0", "torchvision": "0"},
            git_commit=None,
            git_dirty=None,
        ),
        files=files,
    )


def _evaluation(random: np.random.Generator) -> Evaluation:
    return Evaluation(
        epoch=int(random.integers(EPOCHS)), validation=_scores(random), test=_scores(random)
    )


def _scores(random: np.random.Generator) -> ClassificationScores:
    weighted, macro, accuracy = (0.4 + 0.2 * random.random(3)).tolist()
    return ClassificationScores(
        weighted_f1=weighted,
        macro_f1=macro,
        accuracy=accuracy,
        confusion=random.integers(0, math.isqrt(TEST), (CLASSES, CLASSES)).tolist(),
    )
