"""From the entry of a suite to a published data set: optional modalities and reader options."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmark.planning.config import read_suite
from benchmark.planning.inventory import DatasetSummary, adopt_recorded, take_inventory
from benchmark.planning.plan import PlannedRun
from benchmark.records.record import Record
from benchmark.records.store import ResultStore
from core.errors import UserError
from datasets.stand_ins.sunrgbd import write_sunrgbd_release
from datasets.stand_ins.tristar import write_tristar


def _summary(folder: Path, smoke: bool = False, **entry: Any) -> DatasetSummary:
    suite = read_suite("table1", {"datasets": [entry], "smoke": smoke})
    (summary,) = take_inventory(suite, folder)
    return summary


TRISTAR = {"name": "tristar", "teacher": "THERMAL", "student": "DEPTH", "image_size": 16}


def test_archives_in_the_data_folder_are_prepared_by_the_inventory(tmp_path: Path) -> None:
    write_tristar(tmp_path, samples_per_class=12)
    summary = _summary(tmp_path, **TRISTAR)
    assert summary.missing is None
    assert summary.samples == 72
    assert summary.modalities == ("THERMAL", "DEPTH")
    assert summary.notes == ("72 pairs found, the publication counts 14201",)
    assert _summary(tmp_path, **TRISTAR, split="by_group").fingerprint == summary.fingerprint


@pytest.mark.parametrize("smoke", [False, True])
def test_an_optional_modality_is_read_where_the_suite_names_it(tmp_path: Path, smoke: bool) -> None:
    write_tristar(tmp_path, samples_per_class=12)
    modalities = ["RGB", "THERMAL", "DEPTH"]
    summary = _summary(tmp_path, smoke, **TRISTAR, modalities=modalities)
    assert summary.modalities == ("THERMAL", "DEPTH", "RGB")


def test_options_reach_the_reader(tmp_path: Path) -> None:
    write_sunrgbd_release(tmp_path, samples_per_class=12)
    entry = {"name": "sunrgbd", "teacher": "RGB", "student": "DEPTH", "image_size": 16}
    filled = _summary(tmp_path, **entry)
    with_holes = _summary(tmp_path, **entry, options={"depth": "depth"})
    assert filled.fingerprint != with_holes.fingerprint
    with pytest.raises(UserError, match="no option 'dept'"):
        _summary(tmp_path, **entry, options={"dept": "depth"})
    with pytest.raises(UserError, match="options, which own data has not"):
        _summary(tmp_path, **entry, npz="x.npz", options={"depth": "depth"})


def test_results_on_two_versions_of_missing_data_are_refused(
    plan_runs: Callable[..., list[PlannedRun]],
    save: Callable[..., Record],
    make_record: Callable[..., Record],
    tmp_path: Path,
) -> None:
    suite = read_suite("table1", {"datasets": [TRISTAR]})
    summaries = take_inventory(suite, tmp_path)
    first, second = plan_runs()[:2]
    facts = make_record(first, {"DEPTH": 0.5}).data.model_copy(update={"name": "tristar"})
    save(first, data=facts)
    store = ResultStore(tmp_path / "results")
    (adopted,) = adopt_recorded(suite, summaries, store)
    assert adopted.fingerprint == facts.fingerprint
    save(second, data=facts.model_copy(update={"fingerprint": "another"}))
    with pytest.raises(UserError, match="2 different contents") as refusal:
        adopt_recorded(suite, summaries, ResultStore(tmp_path / "results"))
    assert first.key in str(refusal.value)
    assert second.key in str(refusal.value)


def test_records_of_before_tell_the_order_of_own_modalities(
    plan_runs: Callable[..., list[PlannedRun]],
    save: Callable[..., Record],
    make_record: Callable[..., Record],
    tmp_path: Path,
) -> None:
    """They name what each run reads, so what comes before what is known as far as it matters."""
    entry = {"name": "mine", "npz": str(tmp_path / "gone.npz")}
    suite = read_suite("table1", {"datasets": [{**entry, "teacher": "A", "student": "E"}]})
    summaries = take_inventory(suite, tmp_path)
    assert (summaries[0].modalities, summaries[0].samples) == ((), None)
    reads = [("A", "C"), ("B", "A"), ("C",), ("D", "C")]
    seeds = plan_runs(seeds=4)
    facts = make_record(seeds[0], {"DEPTH": 0.5}).data.model_copy(update={"name": "mine"})
    assert not facts.modalities
    for run, names in zip(seeds, reads, strict=False):
        spec = run.spec.model_copy(update={"modalities": names, "teacher": None})
        save(PlannedRun(spec, run.source, run.cost), data=facts)
    (adopted,) = adopt_recorded(suite, summaries, ResultStore(tmp_path / "results"))
    order = adopted.modalities
    assert set(order) == set("ABCDE")
    assert order.index("B") < order.index("A") < order.index("C")
    assert order.index("D") < order.index("C")
    assert adopted.samples == 10


def test_a_record_tells_all_modalities_of_own_data(
    plan_runs: Callable[..., list[PlannedRun]],
    save: Callable[..., Record],
    make_record: Callable[..., Record],
    tmp_path: Path,
) -> None:
    entry = {"name": "mine", "npz": str(tmp_path / "gone.npz"), "teacher": "RGB", "student": "SAR"}
    suite = read_suite("table1", {"datasets": [entry]})
    run = plan_runs()[0]
    told = {"name": "mine", "modalities": {"THERMAL": 1, "RGB": 3, "DEPTH": 1}}
    save(run, data=make_record(run, {"DEPTH": 0.5}).data.model_copy(update=told))
    store = ResultStore(tmp_path / "results")
    (adopted,) = adopt_recorded(suite, take_inventory(suite, tmp_path), store)
    assert adopted.modalities == ("THERMAL", "RGB", "DEPTH")
    suite = read_suite("table1", {"datasets": [{**entry, "modalities": ["RGB", "SAR"]}]})
    with pytest.raises(UserError, match="no modality 'SAR'"):
        adopt_recorded(suite, take_inventory(suite, tmp_path), store)
