"""Whether the head of a Ray cluster answers: a call to one that is gone may never return."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import ray

LOOK = 2.0  # seconds between looks at the cluster
PULSE = 0.1  # seconds between looks at a call that has not returned

Answer = TypeVar("Answer")


class HeadGoneError(Exception):
    """The head has not answered for too long."""


@dataclass(frozen=True)
class Sight:
    """What a look at the cluster showed: living nodes, their resources together, and when."""

    nodes: frozenset[str] = frozenset()
    resources: dict[str, float] = field(default_factory=dict)
    asked: float = 0.0


def look() -> Sight:
    """Ask the head what it sees now."""
    asked = time.monotonic()
    living = [node for node in ray.nodes() if node["Alive"]]
    resources: dict[str, float] = {}
    for node in living:
        for name, amount in node["Resources"].items():
            resources[name] = resources.get(name, 0.0) + amount
    return Sight(frozenset(node["NodeID"] for node in living), resources, asked)


class HeadWatch:
    """Looks at the cluster again and again in a thread, because a look at a dead head hangs.

    Args:
        patience: seconds without an answer after which the head counts as gone.
        look: what asks the head.
    """

    def __init__(self, patience: float, look: Callable[[], Sight] = look) -> None:
        self._patience = patience
        self._look = look
        self._changed = threading.Condition()
        self._stopped = threading.Event()
        self._sight = look()
        threading.Thread(target=self._run, name="watching Ray", daemon=True).start()

    @property
    def lost(self) -> bool:
        """Whether the head has not answered for too long."""
        return time.monotonic() - self._sight.asked > self._patience

    def resource(self, name: str) -> float:
        """How many of a resource the living nodes have together."""
        return self._sight.resources.get(name, 0.0)

    def has(self, node: str | None) -> bool:
        """Whether a node is known to live."""
        return node in self._sight.nodes

    def confirm(self) -> bool:
        """Wait for an answer to a question asked from now on; False where there is none."""
        now = time.monotonic()
        with self._changed:
            return self._changed.wait_for(lambda: self._sight.asked >= now, self._patience)

    def ask(self, call: Callable[[], Answer]) -> Answer:
        """The result of a call that needs the head, made in a thread that is left if it is lost.

        Raises:
            HeadGoneError: the head was lost before the call returned, or it failed and the head
                does not answer.
        """
        answers: list[Answer] = []
        errors: list[BaseException] = []

        def make_call() -> None:
            try:
                answers.append(call())
            except BaseException as error:  # raised again where it was asked for
                errors.append(error)

        calling = threading.Thread(target=make_call, name="asking Ray", daemon=True)
        calling.start()
        while calling.is_alive():
            calling.join(PULSE)
            if calling.is_alive() and self.lost:
                raise HeadGoneError
        if errors and not self.confirm():
            raise HeadGoneError from errors[0]
        if errors:
            raise errors[0]
        return answers[0]

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(LOOK):
            try:
                sight = self._look()
            except Exception:  # whatever Ray says without a head: no answer
                continue
            with self._changed:
                self._sight = sight
                self._changed.notify_all()
