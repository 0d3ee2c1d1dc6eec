"""Runs on a Ray cluster: actors on its GPUs or CPU cores, on any number of machines.

Ray places actors, tells when one dies, and carries tasks and outcomes; nothing else goes over its
network. Records, weights and data are in folders that all machines share, and which run comes next
is for the scheduler to say: a student is submitted once its teacher's record is in the store.
"""

import threading
import traceback
from dataclasses import replace
from typing import Any

import ray
import torch
from ray.exceptions import ActorDiedError, ActorUnavailableError, OutOfMemoryError, RayError

from benchmark import NUMERICS_VERSION
from benchmark.running.executors.base import (
    Ending,
    Outcome,
    Task,
    WorkerSettings,
    execute,
    make_worker,
)
from benchmark.running.executors.ray_head import LOOK, HeadGoneError, HeadWatch
from benchmark.running.packing import runs_that_fit
from core.errors import UserError
from methods.registry import load_user_file

CLOSING = 20.0  # seconds to leave a cluster, which may not answer any more
SHARES = 10_000  # Ray counts a GPU in so many parts


class RayExecutor:
    """Actors of a running Ray cluster, each on a GPU, a share of one, or a CPU core.

    An actor executes one run after another and keeps data and teachers between them. It is given
    up when it dies, when its GPU ran out of memory, and when runs that need another share of a GPU
    are under way, for which it may be in the way. Nodes may join and leave at any time.

    Args:
        address: "auto" for the cluster that this machine is part of, or the head as HOST:PORT.
        devices: "cpu", "cuda", or "auto": GPUs where the cluster has any.
        runs_per_gpu: runs at once on each GPU; None for as many as fit by the memory that runs of
            the same shape took before, and one where nobody knows.
        settings: what workers need to start; made absolute, since a node starts elsewhere.
        patience: seconds without an answer after which the head of the cluster counts as gone.

    Raises:
        UserError: there is no such cluster, or it has no GPU where one is asked for.
    """

    def __init__(
        self,
        address: str,
        devices: str,
        runs_per_gpu: int | None,
        settings: WorkerSettings,
        patience: float,
    ) -> None:
        try:
            ray.init(address, log_to_driver=False, logging_level="ERROR")
        except (Exception, SystemExit):  # the latter where nothing answers at the address
            raise UserError(
                f"--ray-address {address}: found no Ray cluster that this machine is part of; "
                "start one with 'ray start --head', see docs/cluster.md"
            ) from None
        self._watch = HeadWatch(patience)
        self.on_gpu = devices == "cuda" or (devices == "auto" and self._watch.resource("GPU") > 0)
        if self.on_gpu and self._watch.resource("GPU") == 0:
            self.close()
            raise UserError("--devices cuda: no node of the Ray cluster has a GPU now")
        if not self.on_gpu and runs_per_gpu is not None:
            self.close()
            raise UserError(
                "--runs-per-device counts runs on a GPU with --executor ray; on CPUs each run "
                "takes one core of those that 'ray start --num-cpus' offers"
            )
        self._runs_per_gpu = runs_per_gpu
        self._settings = replace(
            settings,
            results=settings.results.absolute(),
            user_files=tuple(path.absolute() for path in settings.user_files),
        )
        self._gpu_bytes: int | None = None  # of the smallest GPU that has ended a run
        self._busy: dict[Any, _Actor] = {}  # reference of an outcome -> who works on it
        self._idle: list[_Actor] = []
        self._unsent: list[str] = []  # keys of runs that the head took no actor for

    def accepts(self, task: Task) -> bool:
        """Whether the cluster has room, as far as resources tell; Ray finds the place.

        A first task is always accepted: it waits for nodes where there are none. No other is where
        the head took no actor for one: nothing would take it.
        """
        if self._unsent:
            return False
        if not self._busy:
            return True
        taken = sum(actor.share for actor in self._busy.values())
        room = self._watch.resource("GPU" if self.on_gpu else "CPU")
        return taken + self._share(task) <= room + 0.5 / SHARES

    def submit(self, task: Task) -> None:
        """Send a task to an idle actor of its share, one that has its data if any, or a new one.

        Where the head is gone, the run ends as stopped.
        """
        try:
            actor = self._actor_for(task)
        except HeadGoneError:
            self._unsent.append(task.run.key)
            return
        source = task.run.source
        run = replace(task.run, source=replace(source, path=source.path.absolute()))
        self._busy[actor.start(replace(task, run=run))] = actor

    def wait(self, seconds: float | None) -> Outcome | None:
        """Block until a run has ended, or so long at most; None also where nodes may have joined.

        With the head of the cluster gone, every run under way ends as stopped.
        """
        if self._unsent:
            return _stopped(self._unsent.pop())
        most = LOOK if seconds is None else min(seconds, LOOK)
        ended, _ = ray.wait(list(self._busy), num_returns=1, timeout=most)
        if ended:
            return self._outcome(ended[0])
        if self._watch.lost:
            reference = next(iter(self._busy))
            return _stopped(self._busy.pop(reference).key)
        return None

    def close(self) -> None:
        """Leave the cluster, which ends the actors."""
        self._watch.stop()
        # In a thread, because without a head it may never return.
        leaving = threading.Thread(target=ray.shutdown, name="leaving Ray", daemon=True)
        leaving.start()
        leaving.join(CLOSING)

    def _actor_for(self, task: Task) -> "_Actor":
        share = self._share(task)
        self._retire(share)
        if self._idle:
            actor = min(self._idle, key=lambda one: one.last_data != _data_of(task))
            self._idle.remove(actor)
            return actor
        return self._watch.ask(lambda: _Actor(share, self.on_gpu, self._settings))

    def _outcome(self, reference: Any) -> Outcome:
        actor = self._busy.pop(reference)
        try:
            outcome, gpu_bytes = ray.get(reference)
        except OutOfMemoryError as error:  # of the host; Ray has ended the actor
            return Outcome(actor.key, Ending.LOST, _sentence(error))
        except (ActorDiedError, ActorUnavailableError) as error:
            return self._loss(actor, error)
        except RayError as error:
            actor.kill()
            return Outcome(actor.key, Ending.FAILED, _sentence(error), traceback.format_exc())
        if gpu_bytes is not None:
            self._gpu_bytes = min(gpu_bytes, self._gpu_bytes or gpu_bytes)
        others = any(other.share != actor.share for other in self._busy.values())
        if others or outcome.ending is Ending.OUT_OF_MEMORY:
            actor.kill()  # it may hold on to what the others need
        else:
            self._idle.append(actor)
        assert isinstance(outcome, Outcome)
        return outcome

    def _loss(self, actor: "_Actor", error: ActorDiedError | ActorUnavailableError) -> Outcome:
        """Why an actor did not answer: the head, its start, its node, or its process."""
        if not self._watch.confirm():
            return _stopped(actor.key)
        if error.actor_init_failed:
            reason = f"a node of the Ray cluster cannot start a worker: {_cause(error)}"
            return Outcome(actor.key, Ending.STOPPED, f"{reason}; see docs/cluster.md")
        if isinstance(error, ActorUnavailableError):
            actor.kill()  # where the network alone failed, so that it gives up its run
        elif self._watch.has(actor.node()):
            reason = "its worker process died; it may have run out of memory"
            return Outcome(actor.key, Ending.LOST, reason, str(error))
        return Outcome(actor.key, Ending.NODE_LOST, "its node left the Ray cluster", str(error))

    def _share(self, task: Task) -> float:
        """How much of a GPU, or of a CPU core, a task takes."""
        if not self.on_gpu:
            return 1.0
        runs = self._runs_per_gpu
        if runs is None and task.need is not None and self._gpu_bytes is not None:
            runs = runs_that_fit(task.need, self._gpu_bytes)
        # Rounded down, so that as many fit.
        return max(1, SHARES // (runs or 1)) / SHARES

    def _retire(self, share: float) -> None:
        """End idle actors of another share: what they hold may be what a new one waits for."""
        for actor in [one for one in self._idle if one.share != share]:
            self._idle.remove(actor)
            actor.kill()


class _Actor:
    """An actor as seen from here: where it is, and what it works on."""

    def __init__(self, share: float, on_gpu: bool, settings: WorkerSettings) -> None:
        self.share = share
        self.key = ""
        self.last_data: object = None
        # The scheduler tries again itself, since it knows what other processes hold.
        remote: Any = ray.remote(max_restarts=0, max_task_retries=0)(RemoteWorker)
        needs = {"num_cpus": 0, "num_gpus": share} if on_gpu else {"num_cpus": share}
        self._handle = remote.options(**needs).remote(settings, on_gpu, NUMERICS_VERSION)
        self._node = self._handle.node.remote()

    def start(self, task: Task) -> Any:
        """Send a task; returns the reference of its outcome."""
        self.key, self.last_data = task.run.key, _data_of(task)
        return self._handle.execute.remote(task)

    def node(self) -> str | None:
        """The node that it started on; None where it did not start."""
        try:
            return str(ray.get(self._node, timeout=0))
        except (RayError, TimeoutError):
            return None

    def kill(self) -> None:
        """End it at once."""
        ray.kill(self._handle)


class RemoteWorker:
    """A worker in a process of the cluster; on a GPU it sees only its own.

    Args:
        settings: what it needs to start.
        on_gpu: train on the GPU that Ray has given it, else on the CPU.
        numerics: version of the training engine that the keys of the runs were made with.

    Raises:
        RuntimeError: this node has another version of the benchmark.
        UserError: a user's file cannot be loaded here.
    """

    def __init__(self, settings: WorkerSettings, on_gpu: bool, numerics: int) -> None:
        if numerics != NUMERICS_VERSION:
            raise RuntimeError(
                f"node {ray.util.get_node_ip_address()} has version {NUMERICS_VERSION} of the "
                f"training engine, expected {numerics}; install the same benchmark on all nodes"
            )
        for path in settings.user_files:
            load_user_file(path)
        self._device = torch.device("cuda", 0) if on_gpu else torch.device("cpu")
        self._worker = make_worker(settings, self._device)

    def node(self) -> str:
        """The node that this process is on."""
        return str(ray.get_runtime_context().get_node_id())

    def execute(self, task: Task) -> tuple[Outcome, int | None]:
        """Execute a run; its outcome, and the bytes of memory of the GPU."""
        outcome = execute(self._worker, task)
        if self._device.type == "cpu":
            return outcome, None
        return outcome, torch.cuda.get_device_properties(self._device).total_memory


def _stopped(key: str) -> Outcome:
    reason = (
        "the head of the Ray cluster does not answer any more; finished runs are kept: bring "
        "the cluster up and start again with the same command"
    )
    return Outcome(key, Ending.STOPPED, reason)


def _data_of(task: Task) -> object:
    return task.run.spec.data, task.run.spec.repetition


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split())


def _cause(error: Exception) -> str:
    """The last line of a remote traceback, which says what went wrong."""
    return str(error).strip().rpartition("\n")[2]
