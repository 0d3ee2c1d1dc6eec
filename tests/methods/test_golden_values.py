"""Losses and parameter counts equal those of the methods' public reference implementations."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from methods import Problem
from methods.ctkd import gradient_factor
from methods.ctkd.curriculum import LearnedTemperature
from methods.discom_kd import modality_classification_loss, orthogonality_loss
from methods.dkd import dkd_loss
from methods.kd import kd_loss
from methods.lskd import standardize_logits
from methods.mlkd import mlkd_loss
from methods.networks.classifier import build_classifier
from methods.networks.properties import count_parameters
from methods.registry import make_method

TOLERANCE = 1e-6
Golden = dict[str, Any]


@pytest.fixture(scope="module")
def golden(material: Path) -> Golden:
    values: Golden = json.loads((material / "golden" / "losses.json").read_text())
    return values


@pytest.fixture(scope="module")
def logits(golden: Golden) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    (case,) = golden["logit_losses"]
    student, teacher = (
        torch.tensor(case[name], dtype=torch.float64)
        for name in ("student_logits", "teacher_logits")
    )
    return student, teacher, torch.tensor(case["target"])


@pytest.mark.parametrize("plugin", ["", "_lskd"])
@pytest.mark.parametrize(
    ("name", "loss"),
    [
        ("kd{}_T1", lambda s, t, _: kd_loss(s, t, 1)),
        ("kd{}_T2", lambda s, t, _: kd_loss(s, t, 2)),
        ("kd{}_T4", lambda s, t, _: kd_loss(s, t)),
        ("dkd{}_a1_b8_T4", dkd_loss),
        ("dkd{}_a1_b2_T1", lambda s, t, y: dkd_loss(s, t, y, 1, 2, 1)),
        ("dkd{}_a0.5_b3_T2", lambda s, t, y: dkd_loss(s, t, y, 0.5, 3, 2)),
        ("mlkd_as_released{}", lambda s, t, _: mlkd_loss(s, t, divergence="released")),
    ],
)
def test_logit_losses(golden: Golden, logits: Any, name: str, loss: Any, plugin: str) -> None:
    student, teacher, target = logits
    if plugin:
        student, teacher = standardize_logits(student), standardize_logits(teacher)
    expected = golden["logit_losses"][0]["values"][name.format(plugin)]
    assert loss(student, teacher, target).item() == pytest.approx(expected, rel=TOLERANCE)


def test_mlkd_total_and_its_instance_part(golden: Golden, logits: Any) -> None:
    student, teacher, _ = logits
    expected = golden["logit_losses"][0]["values"]
    instance = sum(kd_loss(student, teacher, temperature) for temperature in range(2, 7))
    total = mlkd_loss(student, teacher)
    assert total.item() == pytest.approx(expected["mlkd_total"], rel=TOLERANCE)
    assert instance.item() == pytest.approx(expected["mlkd_instance_sum"], rel=TOLERANCE)
    assert (total - instance).item() == pytest.approx(
        expected["mlkd_batch_sum"] + expected["mlkd_class_sum"], rel=TOLERANCE
    )


def test_ctkd_gradient_factor_and_first_temperature(golden: Golden) -> None:
    expected = golden["ctkd"]["cosine_decay_num_loops_5"]
    found = [gradient_factor(epoch, 5) for epoch in range(len(expected))]
    assert found == pytest.approx(expected, rel=TOLERANCE, abs=1e-12)
    first = LearnedTemperature().double()(0.0).item()
    assert first == pytest.approx(golden["ctkd"]["initial_temperature"], rel=TOLERANCE)


@pytest.fixture(scope="module")
def discom(golden: Golden) -> dict[str, dict[str, torch.Tensor]]:
    return {
        part: {
            name: torch.tensor(values, dtype=torch.float64)
            for name, values in golden["discom"][part].items()
        }
        for part in ("embeddings", "modality_logits")
    }


def test_discom_orthogonality(golden: Golden, discom: Any) -> None:
    z = discom["embeddings"]
    terms = torch.stack(
        [
            orthogonality_loss(*(z[f"{m}_{part}"] for part in ("inv", "inf", "irr")))
            for m in ("m1", "m2")
        ]
    )
    expected = golden["discom"]["values"]
    assert terms.sum().item() == pytest.approx(expected["orthogonality_eq6"], rel=TOLERANCE)
    assert terms.mean().item() == pytest.approx(
        expected["orthogonality_as_released"], rel=TOLERANCE
    )


@pytest.mark.parametrize(
    ("loss", "heads"), [("adversarial_{}", ("adv",)), ("modality_{}", ("inf", "irr"))]
)
@pytest.mark.parametrize(
    ("suffix", "targets"), [("eq", "class_index"), ("as_released", "released")]
)
def test_discom_modality_losses(
    golden: Golden, discom: Any, loss: str, heads: tuple[str, ...], suffix: str, targets: Any
) -> None:
    terms = torch.stack(
        [
            modality_classification_loss(discom["modality_logits"][f"{head}_{m}"], index, targets)
            for head in heads
            for index, m in enumerate(("m1", "m2"))
        ]
    )
    values = golden["discom"]["values"]
    (name,) = [name for name in values if name.startswith(loss.format(suffix))]
    total = terms.sum() if targets == "class_index" else terms.mean()
    assert total.item() == pytest.approx(values[name], rel=TOLERANCE)


def test_parameter_counts(golden: Golden) -> None:
    for name, expected in golden["parameters"].items():
        *channels, classes = map(int, name.split("_")[2 if name.startswith("discom") else 1 :])
        if name.startswith("discom"):
            problem = Problem({f"M{i}": c for i, c in enumerate(channels)}, classes, seed=0)
            method = make_method("discom_kd", {"projection": "linear_bn_relu"})
            network: torch.nn.Module = method.learner(problem, None)
        else:
            network = build_classifier({"M": channels[0]}, classes, seed=0)
        assert count_parameters(network) == expected, name
