"""How large the steps of a GPU report are."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Sizes of all steps.

    Attributes:
        batch_size: samples of a training step.
        steps: training steps a turn, where no loader processes take part.
        most_steps: where they do: those of an epoch, but not more.
        rounds: turns of each training.
        loader_workers: numbers of loader processes that the reference loop is tried with.
        methods: whose speed is measured; those of tables 1 to 4.
        parity_batch: samples of a step that is compared with the CPU's.
        parity_steps: steps a round that are compared.
        parity_rounds: rounds of them.
        compiler: arguments of `torch.compile`.
        epochs: of the runs that run out of memory.
        tests: arguments of pytest.
        patience: times the seconds that a step may take, after which it counts as hanging.
    """

    batch_size: int
    steps: int
    most_steps: int
    rounds: int
    loader_workers: tuple[int, ...]
    methods: tuple[str, ...]
    parity_batch: int
    parity_steps: int
    parity_rounds: int
    compiler: Mapping[str, str]
    epochs: int
    tests: tuple[str, ...]
    patience: float


FULL = Sizes(
    batch_size=128,
    steps=20,
    most_steps=80,
    rounds=7,
    loader_workers=(4, 8, 16),
    methods=(
        "reference",
        *(f"{name}{plugin}" for name in ("dkd", "ctkd", "mlkd") for plugin in ("", "+lskd")),
        *("kd_v1", "kd_v2", "discom_kd"),
    ),
    parity_batch=16,
    parity_steps=5,
    parity_rounds=10,
    compiler={"mode": "max-autotune"},
    epochs=4,
    tests=("tests/benchmark/training", "tests/benchmark/running", "tests/methods"),
    patience=2,
)

# For trying the script: every path, in seconds on a CPU.
TINY = Sizes(
    batch_size=2,
    steps=1,
    most_steps=1,
    rounds=1,
    loader_workers=(0, 1),
    methods=("reference", "dkd"),
    parity_batch=2,
    parity_steps=2,
    parity_rounds=2,
    compiler={"backend": "eager"},
    epochs=1,
    tests=("tests/benchmark/training/test_graph.py",),
    patience=20,  # on a CPU, which may be busy
)
