"""The state of a training in progress: what the rest of it depends on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from benchmark.training.checkpoints import CheckpointTracker
from benchmark.training.teacher import Teacher
from core.host import peak_memory_bytes
from methods import Learner


@dataclass
class TrainingState:
    """A training between two epochs.

    A training whose state was loaded goes on as the one that it was taken from would have, on the
    CPU to the last bit. The order of samples is not part of it, since it is drawn from repetition,
    epoch and stream alone, nor is NumPy's global generator, which nothing uses. There is no
    gradient scaler: bfloat16 reaches as far as float32, so the engine needs none. What a learner
    keeps outside its parameters, buffers and extra state is lost.

    Attributes:
        learner: networks and learned parameters of the loss, on the device.
        optimiser: trains them.
        trackers: deployment -> its best checkpoint so far.
        teacher: may have statistics that move.
        device: where everything is.
        loss_curve: mean training loss of each epoch that is done.
        term_curves: by name, the means of what the learner noted in each of them.
        seconds: training and validation so far, over all parts; snapshots are not counted.
        earlier_peak: peak memory of the parts before this one, in bytes.
        continued: how often the training was continued from a snapshot.
    """

    learner: Learner
    optimiser: torch.optim.Optimizer
    trackers: Mapping[str, CheckpointTracker]
    teacher: Teacher | None
    device: torch.device
    loss_curve: list[float] = field(default_factory=list)
    term_curves: dict[str, list[float]] = field(default_factory=dict)
    seconds: float = 0.0
    earlier_peak: int = 0
    continued: int = 0

    @property
    def epochs_done(self) -> int:
        """Number of epochs that are done; the next one to train, counted from 0."""
        return len(self.loss_curve)

    @property
    def peak_memory_bytes(self) -> int:
        """Peak memory of the device, or of the process on the CPU, over all parts."""
        if self.device.type == "cuda":
            peak = torch.cuda.max_memory_allocated(self.device)
        else:
            peak = peak_memory_bytes()
        return max(self.earlier_peak, peak)

    def state(self) -> dict[str, Any]:
        """The state as plain values and tensors; the tensors are the live ones, not copies."""
        random = {"cpu": torch.get_rng_state()}
        if self.device.type == "cuda":
            random["cuda"] = torch.cuda.get_rng_state(self.device)
        return {
            # Buffers that a state dict leaves out may move too. Those in both are stored once,
            # since `torch.save` stores each storage once.
            "learner": self.learner.state_dict(),
            "buffers": dict(self.learner.named_buffers()),
            "teacher": self._teacher_statistics(),
            "optimiser": self.optimiser.state_dict(),
            "trackers": {name: tracker.state() for name, tracker in self.trackers.items()},
            "random": random,
            "loss_curve": self.loss_curve,
            "term_curves": self.term_curves,
            "seconds": self.seconds,
            "peak_memory_bytes": self.peak_memory_bytes,
            "continued": self.continued,
        }

    @torch.no_grad()
    def load_state(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state` gave, with its tensors in host memory.

        Raises:
            ValueError: it belongs to other networks; nothing is changed then.
        """
        own = {
            "learner": self.learner.state_dict(),
            "buffers": dict(self.learner.named_buffers()),
            "teacher": self._teacher_statistics(),
        }
        if any(_layout(own[part]) != _layout(state[part]) for part in own):
            raise ValueError("it holds networks of other layers")
        self.optimiser.load_state_dict(state["optimiser"])  # checks before it changes anything
        self.learner.load_state_dict(state["learner"])
        for part in ("buffers", "teacher"):
            for name, tensor in own[part].items():
                tensor.copy_(state[part][name])
        for name, tracker in self.trackers.items():
            tracker.load_state(state["trackers"][name])
        self.loss_curve = list(state["loss_curve"])
        self.term_curves = {name: list(curve) for name, curve in state["term_curves"].items()}
        self.seconds = state["seconds"]
        self.earlier_peak = state["peak_memory_bytes"]
        self.continued = state["continued"] + 1
        torch.set_rng_state(state["random"]["cpu"])
        if self.device.type == "cuda":
            torch.cuda.set_rng_state(state["random"]["cuda"], self.device)

    def _teacher_statistics(self) -> dict[str, Tensor]:
        return {} if self.teacher is None else self.teacher.moving_statistics()


def _layout(tensors: Mapping[str, Any]) -> dict[str, object]:
    return {
        name: (value.shape, value.dtype) if isinstance(value, Tensor) else None
        for name, value in tensors.items()
    }
