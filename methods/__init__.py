"""Every method of the benchmark, one file each; importing this package registers them all.

The files declare methods and hold their losses. They import PyTorch inside functions, so that a
plan is made without it. What has weights is in `networks` and `learners`.
"""

from typing import TYPE_CHECKING, Any

from methods import ctkd, discom_kd, dkd, kd, lskd, mlkd, reference, student_x2
from methods.base import (
    Batch,
    DistillationMethod,
    Kind,
    Method,
    Problem,
    Sampling,
)
from methods.plugins import Plugin
from methods.registry import METHODS, PLUGINS, register_method, register_plugin

if TYPE_CHECKING:
    from methods.learners.base import Learner

__all__ = [
    "METHODS",
    "PLUGINS",
    "Batch",
    "DistillationMethod",
    "Kind",
    "Learner",
    "Method",
    "Plugin",
    "Problem",
    "Sampling",
    "ctkd",
    "discom_kd",
    "dkd",
    "kd",
    "lskd",
    "mlkd",
    "reference",
    "register_method",
    "register_plugin",
    "student_x2",
]


def __getattr__(name: str) -> Any:
    """`Learner` when it is first asked for: it needs PyTorch, which takes longer than a plan."""
    if name == "Learner":
        from methods.learners.base import Learner

        return Learner
    raise AttributeError(f"module 'methods' has no attribute '{name}'")
