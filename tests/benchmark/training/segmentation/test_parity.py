"""The engine trains a distilled student as a plain loop would, views and schedule included.

The plain loop is written out here: images are standardised by NumPy, views are flipped by hand, the
teacher is run on every batch, and AdamW is PyTorch's default one with its rate set by hand.
"""

import copy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from benchmark.planning.config import read_suite
from benchmark.planning.inventory import take_inventory
from benchmark.planning.plan import PlannedRun, make_plan
from benchmark.training.segmentation.engine import SegmentationEngine
from benchmark.training.step import TrainingStep
from benchmark.training.task import Need
from datasets import open_dataset
from methods import Problem, Sampling
from methods.contract import IGNORED, SEGMENTATION
from methods.registry import make_method
from methods.tasks import network_of

CPU = torch.device("cpu")
STEPS = 20
pytestmark = pytest.mark.usefixtures("tiny_networks")


@pytest.fixture
def run(write_maps: Callable[..., Path], tmp_path: Path) -> PlannedRun:
    """The distilled student on DEPTH whose images are mirrored and nothing else."""
    suite = tmp_path / "suite.yaml"
    suite.write_text(
        f"""
        name: plain
        scenario: cross_modal
        datasets: [{{name: own, npz: {write_maps()}, teacher: RGB, student: DEPTH}}]
        methods: [{{name: kd_v2, temperature: 2.0}}]
        seeds: 1
        training: {{epochs: 5, batch_size: 3, learning_rate: 0.01, warm_up_epochs: 2}}
        network: {{weights: none}}
        augmentation: {{scales: [1.0], brightness: 0, contrast: 0, saturation: 0, hue: 0}}
        """
    )
    read = read_suite(str(suite))
    plan = make_plan(read, take_inventory(read, tmp_path))
    (found,) = (one for one in plan.runs.values() if one.spec.method == "kd_v2")
    return found


def test_twenty_steps_are_those_of_a_plain_loop(run: PlannedRun) -> None:
    spec, engine = run.spec, SegmentationEngine()
    assert spec.teacher is not None
    dataset = open_dataset(run.source)
    data = engine.prepare(engine.load(dataset, CPU), spec)
    networks = {
        name: network_of(Problem({name: dataset.channels[name]}, 3, seed=1, task=SEGMENTATION))
        for name in ("RGB", "DEPTH")
    }
    problem = Problem({"DEPTH": 1}, 3, seed=1, task=SEGMENTATION)
    learner = make_method("kd_v2", spec.hyperparameters).learner(problem, None)
    plain = copy.deepcopy(networks["DEPTH"]).train()
    teacher = engine.teacher(networks["RGB"], spec.teacher, data)
    training = engine.training(spec, Need(("DEPTH",), Sampling.PAIRED, (), CPU), data, teacher)
    optimiser = training.optimiser(learner.parameters(), capturable=False)
    step = TrainingStep(learner, optimiser, training)
    decayed = [p for p in plain.parameters() if p.dim() > 1]
    others = [p for p in plain.parameters() if p.dim() <= 1]
    adam = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}]
    )
    split = dataset.split("paper", 0)
    statistics = {
        name: (images[split.train].mean((0, 2, 3)), images[split.train].std((0, 2, 3)))
        for name, images in dataset.modalities.items()
    }

    def shown(name: str, samples: np.ndarray, mirrored: np.ndarray) -> torch.Tensor:
        mean, deviation = (each[:, None, None] for each in statistics[name])
        images = [(dataset.modalities[name][s] - mean) / deviation for s in samples]
        turned = [i[:, :, ::-1] if m else i for i, m in zip(images, mirrored, strict=True)]
        return torch.from_numpy(np.stack(turned).astype(np.float32))

    learner.train()
    networks["RGB"].eval()
    done, batches = 0, 14 // 3
    total, warm = 5 * batches, 2 * batches
    assert len(split.train) == 14
    flips = 0
    for epoch in range(5):
        for orders in training.epoch(epoch):
            order = orders["paired"]
            samples = split.train[order.positions.numpy()]
            mirrored = order.draws.geometry[:, 0].numpy()
            flips += mirrored.sum()
            labels = [dataset.labels[s].astype(np.int64) for s in samples]
            target = torch.from_numpy(
                np.stack([x[:, ::-1] if m else x for x, m in zip(labels, mirrored, strict=True)])
            )
            target[target == 255] = IGNORED
            with torch.no_grad():
                guide = networks["RGB"]({"RGB": shown("RGB", samples, mirrored)})
            logits = plain({"DEPTH": shown("DEPTH", samples, mirrored)})
            towards = F.softmax(guide / 2, 1)
            divergence = towards * (F.log_softmax(guide / 2, 1) - F.log_softmax(logits / 2, 1))
            valid = target != IGNORED
            distilled = 4 * divergence.sum(1)[valid].mean()
            loss = 0.5 * F.cross_entropy(logits, target, ignore_index=IGNORED) + 0.5 * distilled
            rate = (done + 1) / warm if done < warm else (1 - done / total) ** 0.9
            for group in adam.param_groups:
                group["lr"] = 0.01 * rate
            adam.zero_grad()
            loss.backward()
            adam.step()
            found = step(orders, epoch)[0]
            torch.testing.assert_close(found, loss.detach(), rtol=1e-4, atol=1e-5)
            done += 1
    assert done == STEPS
    assert 0 < flips < 3 * STEPS
