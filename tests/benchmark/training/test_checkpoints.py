"""The best checkpoint: the first of the best, kept whole whatever is trained after it."""

import pytest
import torch
from torch import Tensor, nn

from benchmark.training.checkpoints import CheckpointTracker

HALF, ALL, NONE = torch.tensor(0.5), torch.tensor(1.0), torch.tensor(0.0)  # scores


def _network(seed: int = 0) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 2))


def _train(tracker: CheckpointTracker, network: nn.Module, scores: list[Tensor]) -> None:
    """Epochs with these scores: all tensors grow by 1 in each."""
    for score in scores:
        with torch.no_grad():
            for tensor in network.state_dict().values():
                tensor += 1
        tracker.validate(score)
        tracker.keep_if_best(len(tracker.curve))


def _at_epoch(epoch: int, seed: int = 0) -> dict[str, Tensor]:
    return {name: value + epoch + 1 for name, value in _network(seed).state_dict().items()}


def _assert_equal(network: nn.Module, expected: dict[str, Tensor]) -> None:
    torch.testing.assert_close(dict(network.state_dict()), expected)


@pytest.mark.parametrize(
    ("scores", "best"),
    [
        ([HALF, ALL, HALF], 1),
        ([HALF, HALF, HALF], 0),  # the first of equals
        ([HALF, ALL, NONE, ALL], 1),
        ([NONE, NONE], 0),  # also where nothing is ever right
        ([NONE, HALF, ALL], 2),
    ],
)
def test_the_first_best_epoch_is_kept(scores: list[Tensor], best: int) -> None:
    network = _network()
    tracker = CheckpointTracker(network, {})
    _train(tracker, network, scores)
    assert tracker.best_epoch == best
    assert tracker.curve == [float(score) for score in scores]
    _assert_equal(network, _at_epoch(len(scores) - 1))  # as it is until the best is put back
    tracker.restore_best()
    _assert_equal(network, _at_epoch(best))


def test_a_checkpoint_holds_the_layers_of_probes_too() -> None:
    network, head = _network(), nn.Linear(3, 2)
    probe = nn.Sequential(network[0], head)
    tracker = CheckpointTracker(network, {"probe": probe})
    before = {name: value.clone() for name, value in head.state_dict().items()}
    _train(tracker, nn.ModuleList([network, head]), [ALL, HALF])
    distinct = {
        value.data_ptr() for part in (network, head) for value in part.state_dict().values()
    }
    assert len(tracker.state()["best"]) == len(distinct)  # a shared layer is kept once
    tracker.restore_best()
    _assert_equal(network, _at_epoch(0))
    _assert_equal(head, {name: value + 1 for name, value in before.items()})


def test_a_tracker_goes_on_from_the_state_of_another() -> None:
    network = _network()
    first = CheckpointTracker(network, {})
    _train(first, network, [HALF, ALL])
    state = first.state()
    continued = _network(seed=1)
    second = CheckpointTracker(continued, {})
    second.load_state(state)
    _train(second, continued, [ALL, HALF])
    assert second.curve == [0.5, 1.0, 1.0, 0.5]
    assert first.curve == [0.5, 1.0]  # not shared
    assert second.best_epoch == 1
    second.restore_best()
    _assert_equal(continued, _at_epoch(1))


def test_the_state_of_other_layers_is_refused() -> None:
    tracker = CheckpointTracker(_network(), {})
    _train(tracker, tracker.network, [ALL])
    state = tracker.state()
    with pytest.raises(ValueError, match="zip"):
        CheckpointTracker(nn.Linear(2, 3), {}).load_state(state)
