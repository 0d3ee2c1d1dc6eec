"""`show --embedding`: what the networks of a run make of test samples, from kept weights."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from PIL import Image
from sklearn.datasets import make_blobs

from benchmark.cli import main
from benchmark.pages.lookup import StoredRun, find_run
from benchmark.planning.plan import PlannedRun
from benchmark.records.record import Record
from benchmark.records.scores import SegmentationScores
from benchmark.records.spec import RunSpec
from benchmark.records.store import ResultStore
from benchmark.reporting.pictures.embeddings import draw_embeddings, place_embeddings
from benchmark.reporting.pictures.projection import Projection, project
from benchmark.reporting.pictures.style import Width, paper_style
from benchmark.running.embedding import embed_test_samples
from core.errors import UserError

SUITE = {
    "name": "mine",
    "scenario": "cross_modal",
    "datasets": [{"name": "mine", "npz": "mine.npz", "teacher": "S2", "student": "S1"}],
    "methods": ["kd_v2", "ensemble", "discom_kd"],
    "plugins": ["none"],
    "seeds": 1,
    "student": {"network": "resnet18", "width": 0.25},
    "training": {"epochs": 2, "batch_size": 16, "learning_rate": 1e-3, "precision": "fp32"},
}
MakeRuns = Callable[..., list[PlannedRun]]
Save = Callable[..., Record]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tiny data, and runs of three methods that kept their weights."""
    folder = tmp_path_factory.mktemp("embedding")
    random, labels = np.random.default_rng(0), np.arange(90) % 3
    images = {
        name: (40 * labels[:, None, None, None] + random.integers(0, 99, (90, 1, 8, 8))).astype(
            np.uint8
        )
        for name in ("S2", "S1")
    }
    np.savez(folder / "mine.npz", **images, labels=labels)
    (folder / "mine.yaml").write_text(yaml.safe_dump(SUITE))
    places = [f"--{name}={folder / name}" for name in ("results", "reports")]
    here = ["--device", "cpu", "--executor", "inline", "--keep-weights"]
    assert main(["--suite", str(folder / "mine.yaml"), *places, *here]) == 0
    return folder


def _run(folder: Path, method: str) -> StoredRun:
    found = ResultStore(folder / "results").records()
    key = next(record.key for record in found if record.spec.method == method)
    return find_run(key, folder / "results")


def _logits(run: StoredRun, network: str, own: dict[str, np.ndarray]) -> np.ndarray:
    """What the heads in a run's file of weights make of embeddings."""
    state = torch.load(io.BytesIO(run.weights()), weights_only=True)[network]

    def head(embedding: np.ndarray, name: str = "head") -> np.ndarray:
        return embedding @ state[f"{name}.weight"].numpy().T + state[f"{name}.bias"].numpy()

    if "invariant" in own:
        return head(np.hstack([own["invariant"], own["informative"]]))
    if "members.0.head.weight" not in state:
        return head(own["embedding"])
    members = np.split(own["embedding"], 2, axis=1)
    each = [head(part, f"members.{place}.head") for place, part in enumerate(members)]
    return sum(np.exp(one - np.logaddexp.reduce(one, 1, keepdims=True)) for one in each)


@pytest.mark.parametrize(
    ("method", "networks", "names"),
    [
        ("kd_v2", ["S1"], ["embedding"]),
        ("ensemble", ["S1"], ["embedding"]),
        ("discom_kd", ["S2", "S1"], ["invariant", "informative", "irrelevant"]),
    ],
)
def test_heads_make_the_stored_predictions_of_the_embeddings(
    trained: Path, method: str, networks: list[str], names: list[str]
) -> None:
    run = _run(trained, method)
    found, stored = embed_test_samples(run.record, run.weights(), trained), run.predictions()
    order = np.argsort(stored["indices"])
    assert list(found.samples) == list(stored["indices"][order])
    assert list(found.classes) == list(stored["targets"][order])
    assert found.of == len(order)
    assert list(found.networks) == networks
    for network, own in found.networks.items():
        assert list(own) == names
        assert list(_logits(run, network, dict(own)).argmax(1)) == list(stored[network][order])


def test_all_methods_of_a_repetition_show_the_same_samples(trained: Path) -> None:
    drawn = []
    for method in ("kd_v2", "discom_kd"):
        run = _run(trained, method)
        found = embed_test_samples(run.record, run.weights(), trained, most=5)
        assert (len(found.samples), found.of) == (5, run.record.data.test_samples)
        drawn.append(list(found.samples))
    assert drawn[0] == drawn[1] == sorted(drawn[0])


def test_a_picture_stands_beside_its_points(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    run, places = _run(trained, "discom_kd"), [f"--results={trained / 'results'}"]
    places.append(f"--data={trained}")
    assert main(["show", run.record.key, "--embedding", *places]) == 0
    stem, samples = f"{run.record.key}_pca", run.record.data.test_samples
    output = " ".join(capsys.readouterr().out.split())
    assert f"PCA of {samples} test samples of mine: discom_kd on S2+S1" in output
    assert (tmp_path / f"{stem}.pdf").read_bytes().startswith(b"%PDF")
    with Image.open(tmp_path / f"{stem}.png") as image:
        assert image.width == round(3.3 * 300)
    table = pd.read_csv(tmp_path / f"{stem}.csv")
    assert list(table) == ["network", "embedding", "sample", "class", "x", "y"]
    assert dict(table.groupby(["network", "embedding"]).size()) == {
        (network, name): samples
        for network in ("S2", "S1")
        for name in ("invariant", "informative", "irrelevant")
    }
    found = embed_test_samples(run.record, run.weights(), trained)
    both = np.concatenate([found.networks[name]["invariant"] for name in ("S2", "S1")])
    centred = both.astype(np.float64) - both.mean(axis=0, dtype=np.float64)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    drawn = table[table.embedding == "invariant"][["x", "y"]].to_numpy()
    assert np.abs(drawn) == pytest.approx(np.abs(centred @ axes[:2].T), abs=1e-5)

    one = tmp_path / "own.png"
    options = ["--embedding", "tsne", "--output", str(one), "--width", "text"]
    assert main(["show", run.record.key, *options, *places]) == 0
    with Image.open(one) as image:
        assert image.width == 7 * 300
    assert one.with_suffix(".csv").is_file()
    assert not one.with_suffix(".pdf").exists()
    assert "t-SNE of" in capsys.readouterr().out


def _error(capsys: Any, *arguments: str) -> str:
    assert main(["show", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return str(line)


def test_what_cannot_be_shown_is_said_in_one_sentence(
    trained: Path, tmp_path: Path, plan_runs: MakeRuns, save: Save, miniature_data: Path,
    make_record: Callable[..., Record], capsys: Any,
) -> None:  # fmt: skip
    key = _run(trained, "kd_v2").record.key
    whole = ["--embedding", f"--results={trained / 'results'}"]
    found = _error(capsys, key, *whole, f"--data={tmp_path}")
    assert f"nothing in the folder {tmp_path} is what run {key} was trained on (mine," in found
    assert "no run 'nothing'" in _error(capsys, "nothing", *whole)
    missing = tmp_path / "missing" / "figure.png"
    arguments = [key, *whole, f"--data={trained}", "--output", str(missing)]
    assert f"cannot write {missing}" in _error(capsys, *arguments)

    own = ["--embedding", f"--results={tmp_path / 'results'}", f"--data={miniature_data}"]
    run = plan_runs()[1]
    save(run)  # whose weights are the letter w
    assert f"the weights of run {run.key} do not fit its networks" in _error(capsys, run.key, *own)
    (tmp_path / "results" / "runs" / f"{run.key}.weights.pt").unlink()
    assert "weights.pt: missing; put the run's own there" in _error(capsys, run.key, *own)
    store, predictions = ResultStore(tmp_path / "results"), {"indices": np.arange(2)}
    store.save(make_record(run, {"DEPTH": 0.5}), predictions)
    assert f"run {run.key} kept no weights" in _error(capsys, run.key, *own)

    record = make_record(run, {"DEPTH": 0.5})
    maps = SegmentationScores(
        mean_iou=0.5, pixel_accuracy=0.5, class_iou=[0.5, 0.5], confusion=[[1, 0], [0, 1]]
    )
    result = record.deployments["DEPTH"]
    of_pixels = result.model_copy(
        update={"selected": result.selected.model_copy(update={"test": maps})}
    )
    changed = record.model_copy(update={"deployments": {"DEPTH": of_pixels}})
    store.save(changed, predictions, b"w")
    assert "one class per pixel, of which no embeddings are drawn" in _error(capsys, run.key, *own)

    spec = RunSpec.model_validate({**run.spec.model_dump(), "source": "0123456789abcdef"})
    store.save(record.model_copy(update={"spec": spec, "key": spec.key}), predictions, b"w")
    expected = f"run {spec.key} is of the own method {spec.method}; name the file that it was"
    assert expected in _error(capsys, spec.key, *own)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--width", "text"], "--width is of embeddings; add --embedding"),
        (["--output", "figure.png"], "--output is of embeddings; add --embedding"),
        (["--embedding", "--samples", "3"], "--samples is of pictures; add --pictures FILE.png"),
        (["--embedding", "--output", "a.svg"], "--output a.svg: expected a name that ends in"),
    ],
)
def test_options_that_do_not_belong_together(options: list[str], message: str, capsys: Any) -> None:
    assert message in _error(capsys, "0", *options)


@pytest.mark.parametrize("projection", list(Projection))
def test_a_projection_keeps_groups_apart_and_is_the_same_again(projection: Projection) -> None:
    values, groups = make_blobs(60, 20, centers=3, cluster_std=0.5, random_state=1)
    first, again = (project(values.astype(np.float32), projection) for _ in range(2))
    assert np.array_equal(first.places, again.places)
    assert (first.explained is None) == (projection is Projection.TSNE)
    centres = np.stack([first.places[groups == group].mean(axis=0) for group in range(3)])
    distances = np.linalg.norm(first.places[:, None] - centres, axis=2)
    assert list(distances.argmin(axis=1)) == list(groups)


@pytest.mark.parametrize("projection", list(Projection))
def test_few_embeddings_are_drawn_or_refused(projection: Projection) -> None:
    four = np.eye(4, 5, dtype=np.float32)
    assert np.isfinite(project(four, projection).places).all()
    with pytest.raises(UserError, match="3 embeddings of 5 values cannot be drawn"):
        project(four[:3], projection)


@pytest.mark.parametrize(("classes", "labelled"), [(3, 3), (21, 21), (60, 22)])
def test_a_legend_names_the_most_frequent_classes(classes: int, labelled: int) -> None:
    random = np.random.default_rng(0)
    of = np.concatenate([np.arange(classes), random.integers(0, 10, 200) % classes])
    networks = {"S1": {"embedding": random.normal(size=(len(of), 4)).astype(np.float32)}}
    panels = place_embeddings(networks, Projection.PCA)
    names = [f"<script>$x${place}" for place in range(classes)]
    with paper_style():
        figure = draw_embeddings(panels, of, names, "caption", Width.COLUMN)
        figure.savefig(io.BytesIO())
    (legend,) = figure.legends
    texts = [text.get_text() for text in legend.get_texts()]
    assert len(texts) == labelled
    assert ("39 others" in texts) == (classes == 60)
    assert "<script>$x$1" in texts
