"""Registries raise on collisions and name the nearest entries; seeds are stable and distinct."""

import pytest

from core.errors import UserError, nearest_names
from core.registry import Registry
from core.seeding import derive_seed


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


def test_without_a_near_name_all_are_listed() -> None:
    assert nearest_names("zzz", ["b", "a"]) == "the valid names are 'a', 'b'"


def test_seeds_are_stable_across_processes_and_differ_by_every_label() -> None:
    assert derive_seed("weights", 0) == 8_546_274_694_834_193_603
    seeds = {
        derive_seed(*labels) for labels in [("a", 1), ("a", "1"), ("a1",), ("a", 1, ""), ("a", 2)]
    }
    assert len(seeds) == 5
