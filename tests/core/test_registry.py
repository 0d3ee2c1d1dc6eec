"""Registries raise on collisions and name the nearest entries."""

import pytest

from core.errors import UserError
from core.registry import Registry


def test_unknown_name_lists_the_nearest() -> None:
    registry: Registry[int] = Registry("method")
    registry.register("kd_v1", 1)
    registry.register("discom_kd", 2)
    with pytest.raises(UserError, match=r"unknown method 'discomkd'.*'discom_kd'$"):
        registry.get("discomkd")


def test_collision_raises_and_keeps_the_first_entry() -> None:
    registry: Registry[int] = Registry("method")
    registry.register("dkd", 1)
    with pytest.raises(UserError, match="already registered"):
        registry.register("dkd", 2)
    assert registry.get("dkd") == 1
