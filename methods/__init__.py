"""Every method of the benchmark, one file each; importing this package registers them all."""

from methods import ctkd, discom_kd, dkd, kd, lskd, mlkd, reference, student_x2
from methods.base import (
    Batch,
    DistillationMethod,
    Kind,
    Learner,
    Method,
    Problem,
    Sampling,
)
from methods.plugins import Plugin
from methods.registry import METHODS, PLUGINS, register_method, register_plugin

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
