"""Several trainings interleaved in one process, step by step: each as if it were alone.

A small network fills a modern GPU only in part, so trainings that are launched on streams of their
own run at the same time. The host launches one step of each, and begins again with the first.
"""

from collections.abc import Generator, Hashable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Generic, TypeVar

import torch

Value = TypeVar("Value")
Key = TypeVar("Key", bound=Hashable)

# Yields after each step, where another training may go on; returns its result.
TrainingSteps = Generator[None, None, Value]


def run_to_end(steps: TrainingSteps[Value]) -> Value:
    """Take all steps one after the other; their result."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: Value = end.value
            return result


def until_device_is_done(device: torch.device) -> TrainingSteps[None]:
    """Yield until the device has done all that was launched on the current stream so far."""
    if device.type != "cuda":
        return
    launched = torch.cuda.Event()  # type: ignore[no-untyped-call]
    launched.record()
    while not launched.query():  # type: ignore[no-untyped-call]
        yield


class Interleaver(Generic[Key, Value]):
    """Trainings on one device that are under way at the same time.

    Each has its own stream of launches, on a GPU, and its own random numbers, so that none depends
    on which others are there.

    Args:
        device: where they run.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._slots: dict[Key, _Slot[Value]] = {}
        # Used again and again, since the memory that one stream has freed serves no other.
        self._idle: list[torch.cuda.Stream] = []

    def __len__(self) -> int:
        """How many are under way."""
        return len(self._slots)

    def add(self, key: Key, steps: TrainingSteps[Value], seed: int) -> None:
        """Let a training begin at the next `advance`.

        Args:
            key: names it.
            steps: must not have begun.
            seed: of PyTorch's global random numbers, as this training draws them.
        """
        self._slots[key] = _Slot(steps, _RandomState(self._device, seed), self._stream())

    def advance(self) -> list[tuple[Key, Value]]:
        """Take one step of each training; the results of those that have ended with it.

        What a step raises passes through.
        """
        ended = []
        for key, slot in list(self._slots.items()):
            try:
                with slot.random.installed(), slot.on_stream():
                    next(slot.steps)
            except StopIteration as end:
                del self._slots[key]
                if slot.stream is not None:
                    self._idle.append(slot.stream)
                ended.append((key, end.value))
        return ended

    def finish(self) -> list[tuple[Key, Value]]:
        """Advance until all have ended; their results."""
        ended = []
        while self._slots:
            ended += self.advance()
        return ended

    def _stream(self) -> torch.cuda.Stream | None:
        """A stream for one training, behind all that was launched on the current one."""
        if self._device.type != "cuda":
            return None
        stream = self._idle.pop() if self._idle else torch.cuda.Stream(self._device)  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream(self._device))
        return stream


@dataclass(frozen=True)
class _Slot(Generic[Value]):
    steps: TrainingSteps[Value]
    random: "_RandomState"
    stream: torch.cuda.Stream | None

    @contextmanager
    def on_stream(self) -> Iterator[None]:
        with torch.cuda.stream(self.stream) if self.stream else nullcontext():
            yield


class _RandomState:
    """PyTorch's global random numbers as one training sees them."""

    def __init__(self, device: torch.device, seed: int) -> None:
        self._cpu = torch.Generator().manual_seed(seed).get_state()
        self._generator = self._own = None
        if device.type == "cuda":
            torch.cuda.init()  # type: ignore[no-untyped-call]
            self._generator = torch.cuda.default_generators[device.index or 0]
            # An object rather than its numbers: a graph holds on to the one it was recorded with.
            self._own = self._generator.clone_state()
            self._own.manual_seed(seed)

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Put the state in place of the process's, and take it away again."""
        cpu = torch.get_rng_state()
        torch.set_rng_state(self._cpu)
        others = None
        if self._generator is not None and self._own is not None:
            others = self._generator.graphsafe_get_state()
            self._generator.graphsafe_set_state(self._own)
        try:
            yield
        finally:
            self._cpu = torch.get_rng_state()
            torch.set_rng_state(cpu)
            if self._generator is not None and others is not None:
                self._generator.graphsafe_set_state(others)
