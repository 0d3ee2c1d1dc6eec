"""Seeds are stable and distinct."""

from core.seeding import derive_seed


def test_seeds_are_stable_across_processes_and_differ_by_every_label() -> None:
    assert derive_seed("weights", 0) == 8_546_274_694_834_193_603
    seeds = {
        derive_seed(*labels) for labels in [("a", 1), ("a", "1"), ("a1",), ("a", 1, ""), ("a", 2)]
    }
    assert len(seeds) == 5
