"""Every method of the benchmark, one file each; importing this package registers them all.

The files declare methods and hold their losses. What has weights is in `networks`, what a run
trains in `learners`; a method that has either of its own is a folder. Each imports downwards only:
`contract`, `networks`, `learners`, methods.

PyTorch comes from `core.lazy`, so that a plan is made without it.
"""

from typing import TYPE_CHECKING, Any

from core.lazy import lazy
from core.registry import import_modules
from methods.base import DistillationMethod, Method
from methods.contract import Batch, Kind, Problem, Sampling
from methods.feature_distillation import FeatureDistillationMethod
from methods.plugins import Plugin
from methods.registry import (
    METHODS,
    PLUGINS,
    register_method,
    register_network,
    register_plugin,
)
from methods.search_space import Choice, LogUniform, Uniform

if TYPE_CHECKING:
    from methods.learners.base import Learner

_learners = lazy("methods.learners.base")

__all__ = [
    "METHODS",
    "PLUGINS",
    "Batch",
    "Choice",
    "DistillationMethod",
    "FeatureDistillationMethod",
    "Kind",
    "Learner",
    "LogUniform",
    "Method",
    "Plugin",
    "Problem",
    "Sampling",
    "Uniform",
    "register_method",
    "register_network",
    "register_plugin",
]

import_modules(__name__, __path__)


def __getattr__(name: str) -> Any:
    """`Learner` when it is first asked for: it needs PyTorch, which takes longer than a plan."""
    if name == "Learner":
        return _learners.Learner
    raise AttributeError(f"module 'methods' has no attribute '{name}'")
