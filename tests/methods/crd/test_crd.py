"""CRD: its loss, the draw of negatives, and what it remembers."""

import copy

import numpy as np
import pytest
import torch

from methods.crd import contrast_loss, normaliser
from methods.crd.memory import ContrastMemory, Negatives

RANDOM = np.random.default_rng(9)
ROWS, BATCH, COUNT, SIZE = 12, 4, 6, 5


def _unit(*shape: int) -> torch.Tensor:
    values = RANDOM.normal(size=shape)
    return torch.from_numpy(values / np.linalg.norm(values, axis=1, keepdims=True))


def test_the_loss_and_its_gradient() -> None:
    embedding, bank = _unit(BATCH, SIZE), _unit(ROWS, SIZE)
    samples = torch.tensor([3, 0, 11, 7])
    negatives = torch.zeros(BATCH, ROWS, dtype=torch.float64)
    drawn = [RANDOM.integers(0, ROWS, COUNT) for _ in range(BATCH)]
    for row, places in enumerate(drawn):
        for place in places:
            negatives[row, place] += 1
    scores = np.exp(embedding.numpy() @ bank.numpy().T / 0.07)
    involved = [scores[i, [int(samples[i]), *drawn[i]]] for i in range(BATCH)]
    constant = ROWS * np.mean(involved)
    found = normaliser(embedding, bank, samples, negatives, COUNT)
    assert found.item() == pytest.approx(constant, rel=1e-12)
    expected = 0.0
    noise = COUNT / ROWS
    for own, *others in involved:
        expected -= np.log(own / constant / (own / constant + noise + 1e-7))
        expected -= sum(np.log(noise / (p / constant + noise + 1e-7)) for p in others)
    loss = contrast_loss(embedding, bank, samples, negatives, COUNT, found)
    assert loss.item() == pytest.approx(expected / BATCH, rel=1e-9)
    assert torch.autograd.gradcheck(
        lambda values: contrast_loss(values, bank, samples, negatives, COUNT, found),
        embedding.requires_grad_(),
        atol=1e-7,
        rtol=1e-6,
    )


@pytest.mark.parametrize("count", [3, 6, 7, 9, 40])
def test_negatives_are_of_other_classes_and_repeat_only_where_there_are_fewer(count: int) -> None:
    labels = [0, 0, 0, 0, 1, 1, 2, 2, 2, 2]  # 6, 8 and 6 samples outside
    draw = Negatives(labels, 3, count)
    torch.manual_seed(0)
    seen = torch.zeros(3, 10)
    for _ in range(200):
        drawn = draw()
        assert (drawn.sum(1) == count).all()
        enough = torch.tensor([6, 8, 6]) >= count
        assert (drawn[enough] <= 1).all()
        seen += drawn
    outside = torch.tensor(labels) != torch.arange(3)[:, None]
    assert not seen[~outside].any()
    shares = seen / seen.sum(1, keepdim=True) * outside.sum(1, keepdim=True)
    assert (shares[outside] - 1).abs().max() < 0.35  # all are drawn about equally often


@pytest.fixture
def memory() -> ContrastMemory:
    torch.manual_seed(3)
    return ContrastMemory((6, 4), [0, 1, 2] * 4, 3, COUNT, 0.07).double()


def test_it_remembers_half_of_what_was_and_half_of_what_is(memory: ContrastMemory) -> None:
    before = copy.deepcopy(memory)
    samples = torch.tensor([2, 9])
    student, teacher = torch.randn(2, 6).double(), torch.randn(2, 4).double()
    memory(student, teacher, samples, torch.tensor([2, 0]))
    for name, layer, values in (
        ("student_bank", memory.student_layer, student),
        ("teacher_bank", memory.teacher_layer, teacher),
    ):
        old, new = getattr(before, name), getattr(memory, name)
        embedded = layer(values)
        embedded = embedded / embedded.norm(dim=1, keepdim=True)
        mixed = (old[samples] + embedded) / 2
        torch.testing.assert_close(new[samples], mixed / mixed.norm(dim=1, keepdim=True))
        others = torch.ones(12, dtype=torch.bool)
        others[samples] = False
        assert torch.equal(new[others], old[others])


def test_the_constants_are_those_of_the_first_batch(memory: ContrastMemory) -> None:
    assert not memory.constants.any()
    for step in range(3):
        samples = torch.tensor([step, 5])
        memory(torch.randn(2, 6).double(), torch.randn(2, 4).double(), samples, samples % 3)
        if step == 0:
            first = memory.constants.clone()
    assert (first > 0).all()
    assert torch.equal(memory.constants, first)


def test_both_networks_layers_and_the_student_learn(memory: ContrastMemory) -> None:
    student = torch.randn(2, 6).double().requires_grad_()
    samples = torch.tensor([1, 6])
    memory(student, torch.randn(2, 4).double(), samples, samples % 3).backward()
    learned = [student, *memory.parameters()]
    assert len(learned) == 5
    assert all(value.grad is not None and value.grad.any() for value in learned)
