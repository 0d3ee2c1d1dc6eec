"""Several trainings in one process, by turns: each as if it were alone.

A small network fills a modern GPU only in part, so trainings that are launched on streams of their
own run at the same time. The host gives each a turn, in which it launches one step.
"""

from collections.abc import Generator, Hashable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Generic, TypeVar

import torch

Value = TypeVar("Value")
Key = TypeVar("Key", bound=Hashable)

# Yields where others may go on; what it returns is its result.
Course = Generator[None, None, Value]


def run_alone(course: Course[Value]) -> Value:
    """Run a course to its end."""
    while True:
        try:
            next(course)
        except StopIteration as end:
            result: Value = end.value
            return result


def until_done(device: torch.device) -> Course[None]:
    """Let others go on until all is done that this course has launched on the device."""
    if device.type != "cuda":
        return
    launched = torch.cuda.Event()  # type: ignore[no-untyped-call]
    launched.record()
    while not launched.query():  # type: ignore[no-untyped-call]
        yield


class Turns(Generic[Key, Value]):
    """Courses on one device that are under way at the same time.

    Each has its own stream of launches, on a GPU, and its own random numbers, so that none depends
    on which others are there.

    Args:
        device: where they run.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._lanes: dict[Key, _Lane[Value]] = {}
        # Used again and again, since the memory that one stream has freed serves no other.
        self._idle: list[torch.cuda.Stream] = []

    def __len__(self) -> int:
        """How many are under way."""
        return len(self._lanes)

    def add(self, key: Key, course: Course[Value], seed: int) -> None:
        """Let a course begin with the next turn.

        Args:
            key: names it.
            course: must not be under way.
            seed: of PyTorch's global random numbers, as this course draws them.
        """
        self._lanes[key] = _Lane(course, _RandomState(self._device, seed), self._stream())

    def turn(self) -> list[tuple[Key, Value]]:
        """Give each course a turn; the results of those that have ended with it.

        What a course raises passes through.
        """
        ended = []
        for key, lane in list(self._lanes.items()):
            try:
                with lane.random.installed(), lane.on_stream():
                    next(lane.course)
            except StopIteration as end:
                del self._lanes[key]
                if lane.stream is not None:
                    self._idle.append(lane.stream)
                ended.append((key, end.value))
        return ended

    def finish(self) -> list[tuple[Key, Value]]:
        """Give turns until all have ended; their results."""
        ended = []
        while self._lanes:
            ended += self.turn()
        return ended

    def _stream(self) -> torch.cuda.Stream | None:
        """A stream for one course, behind all that was launched on the present one."""
        if self._device.type != "cuda":
            return None
        stream = self._idle.pop() if self._idle else torch.cuda.Stream(self._device)  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream(self._device))
        return stream


@dataclass(frozen=True)
class _Lane(Generic[Value]):
    course: Course[Value]
    random: "_RandomState"
    stream: torch.cuda.Stream | None

    @contextmanager
    def on_stream(self) -> Iterator[None]:
        with torch.cuda.stream(self.stream) if self.stream else nullcontext():
            yield


class _RandomState:
    """PyTorch's global random numbers as one course sees them."""

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
