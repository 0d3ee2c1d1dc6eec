"""Other networks than the paper's: their sizes, their settings, and what methods make of them."""

from pathlib import Path

import pytest
import torch
from torch import nn
from torchvision.models import resnet34, resnet50

from core.errors import UserError
from methods import Batch, Problem
from methods.networks.choice import ENCODERS, build_encoder, resolve_choice
from methods.networks.classifier import build_classifier
from methods.networks.encoder import Encoder
from methods.networks.given_weights import load_given_weights
from methods.registry import load_user_file, make_method, network_digest

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "my_network.py"
NARROW = {"network": "resnet18", "settings": {"width": 0.125}}


@pytest.mark.parametrize(("name", "reference"), [("resnet34", resnet34), ("resnet50", resnet50)])
def test_deeper_networks_are_torchvisions(name: str, reference: type[nn.Module]) -> None:
    ours = build_encoder({"network": name}, 3)
    theirs = reference(weights=None)
    assert isinstance(ours, Encoder)
    assert ours.embedding_size == theirs.fc.in_features
    shapes = {key: value.shape for key, value in theirs.state_dict().items() if "fc." not in key}
    assert {key: value.shape for key, value in ours.backbone.state_dict().items()} == shapes


@pytest.mark.parametrize("name", ["resnet18", "resnet50"])
def test_width_scales_every_layer_and_sizes_are_those_of_the_maps(name: str) -> None:
    encoder = build_encoder({"network": name, "settings": {"width": 0.125}}, 2)
    assert isinstance(encoder, Encoder)
    usual = build_encoder({"network": name}, 2)
    assert encoder.embedding_size * 8 == usual.embedding_size
    features = encoder.features(torch.rand(2, 2, 32, 32))._asdict()
    assert {key: value.shape[1] for key, value in features.items()} == encoder.feature_sizes
    count = sum(parameter.numel() for parameter in encoder.parameters())
    assert 40 < sum(parameter.numel() for parameter in usual.parameters()) / count < 64


def test_the_papers_network_is_no_choice_and_settings_are_checked() -> None:
    assert resolve_choice("resnet18", {}) == resolve_choice("resnet18", {"width": 1}) == {}
    assert resolve_choice("resnet34", {}) == {"network": "resnet34", "settings": {"width": 1.0}}
    for name, given, message in (
        ("resnet19", {}, "unknown network 'resnet19'"),
        ("resnet18", {"wdth": 2}, "network 'resnet18' has no setting 'wdth'.*'width'"),
        ("resnet18", {"width": 0}, "network 'resnet18': setting 'width' is 0, but"),
    ):
        with pytest.raises(UserError, match=message):
            resolve_choice(name, given)


def test_embeddings_of_different_sizes_are_mapped_to_the_largest() -> None:
    channels = {"S2": 3, "DEM": 1}
    network = build_classifier(channels, 4, 0, {"DEM": NARROW}).eval()
    inputs = {name: torch.rand(2, count, 16, 16) for name, count in channels.items()}
    with torch.no_grad():
        own = {name: network.encoders[name](images) for name, images in inputs.items()}
        added = own["S2"] + network.projections["DEM"](own["DEM"])
        assert torch.equal(network(inputs), network.head(added))
        assert torch.equal(network.features(inputs).embedding, added)
    assert network.feature_sizes == {"embedding": 512}
    paper = build_classifier(channels, 4, 0)
    assert torch.equal(paper.encoders["S2"].backbone.conv1.weight, _first(network.encoders["S2"]))


def _first(encoder: nn.Module) -> torch.Tensor:
    assert isinstance(encoder, Encoder)
    return encoder.backbone.conv1.weight


def _batch(problem: Problem, **features: torch.Tensor) -> Batch:
    target = torch.tensor([0, 1, 2, 3])
    inputs = {name: torch.rand(4, count, 16, 16) for name, count in problem.channels.items()}
    return Batch(
        inputs, dict.fromkeys(inputs, target), torch.randn(4, 4), features, torch.arange(4)
    )


def test_methods_follow_teachers_whose_features_have_other_sizes() -> None:
    problem = Problem(
        {"S1": 2},
        4,
        seed=0,
        network={"S1": NARROW},
        teacher_sizes={"embedding": 96, "stage_2": 24},
        labels=[0, 1, 2, 3],
    )
    features = {"embedding": torch.randn(4, 96), "stage_2": torch.rand(4, 24, 2, 2)}
    for name in ("crd", "rkd", "fitnet"):
        method = make_method(name, {"negatives": 2} if name == "crd" else {})
        assert method.learner(problem, None).loss(_batch(problem, **features), 0).isfinite()


@pytest.mark.parametrize("name", ["discom_kd", "c2kd"])
def test_joint_methods_have_the_chosen_networks(name: str) -> None:
    problem = Problem({"S2": 3, "S1": 2}, 4, seed=0, network={"S2": NARROW, "S1": NARROW})
    learner = make_method(name, {}).learner(problem, None)
    assert learner.loss(_batch(problem), 0).isfinite()
    sizes = [m.embedding_size for m in learner.modules() if isinstance(m, Encoder)]
    assert set(sizes) == {64}


def test_methods_say_what_a_network_lacks() -> None:
    load_user_file(EXAMPLE)
    try:
        small = {"network": "small_cnn", "settings": {"filters": 4}}
        assert network_digest("small_cnn")
        assert resolve_choice("small_cnn", {"filters": 4}) == small
        problem = Problem({"S2": 3, "S1": 2}, 4, seed=0, network={"S2": small, "S1": small})
        with pytest.raises(UserError, match=r"asks for stage 3 of each modality.*only embedding"):
            make_method("c2kd", {}).learner(problem, None)
        mixed = Problem({"S2": 3, "S1": 2}, 4, seed=0, network={"S1": small})
        with pytest.raises(UserError, match="different sizes: 512 of S2, 8 of S1"):
            make_method("discom_kd", {}).learner(mixed, None)
        student = Problem({"S1": 2}, 4, seed=0, teacher_sizes={"embedding": 8})
        with pytest.raises(UserError, match=r"asks for stage 2 of the teacher.*only embedding"):
            make_method("fitnet", {}).learner(student, None)
    finally:
        ENCODERS.remove("small_cnn")


def test_a_network_of_ones_own_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    path = tmp_path / "own.py"
    path.write_text(
        "from methods import register_network\n\n"
        "@register_network\n"
        "def broken_cnn(channels: int, filters: int = 4):\n"
        "    return [0][filters]\n"
    )
    load_user_file(path)
    try:
        with pytest.raises(
            UserError, match="'broken_cnn' of .*own.py cannot be made of 2 chan"
        ) as e:
            build_classifier({"S1": 2}, 4, 0, {"S1": {"network": "broken_cnn", "settings": {}}})
        assert "IndexError: list index out of range" in str(e.value)
    finally:
        ENCODERS.remove("broken_cnn")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "takes no argument, expected the number of channels"),
        ("channels: int, width=1.0", "has the argument 'width' without a type or a default"),
        ("channels: int, width: 'Widht' = 1", "'width' of type 'Widht', which cannot be read"),
    ],
)
def test_arguments_that_no_suite_can_give_are_refused(
    tmp_path: Path, arguments: str, message: str
) -> None:
    path = tmp_path / "own.py"
    path.write_text(
        "from methods import register_network\n\n"
        f"@register_network\ndef odd_cnn({arguments}):\n    return None\n"
    )
    load_user_file(path)
    try:
        with pytest.raises(UserError, match=message):
            resolve_choice("odd_cnn", {})
    finally:
        ENCODERS.remove("odd_cnn")


def _saved(state: object, path: Path) -> bytes:
    torch.save(state, path)
    return path.read_bytes()


def test_weights_of_a_classifier_of_torchvision_and_of_a_record_are_taken(tmp_path: Path) -> None:
    images = {"RGB": torch.rand(2, 3, 32, 32)}
    trained = build_classifier({"RGB": 3}, 4, seed=7, choices={"RGB": {"network": "resnet34"}})
    theirs = resnet34(weights=None, num_classes=4)
    plain = {k.removeprefix("encoders.RGB.backbone."): v for k, v in trained.state_dict().items()}
    plain["fc.weight"], plain["fc.bias"] = plain.pop("head.weight"), plain.pop("head.bias")
    theirs.load_state_dict(plain)
    state = trained.state_dict()
    for given in (state, theirs.state_dict(), {"RGB": state}):
        network = build_classifier({"RGB": 3}, 4, seed=0, choices={"RGB": {"network": "resnet34"}})
        load_given_weights(network, _saved(given, tmp_path / "t.pt"), "t.pt")
        with torch.no_grad():
            assert torch.equal(network.eval()(images), trained.eval()(images))


def test_weights_of_another_network_or_class_count_are_refused(tmp_path: Path) -> None:
    network = build_classifier({"S2": 3}, 4, seed=0, choices={"S2": NARROW})
    wide, many = build_classifier({"S2": 3}, 4, 0), build_classifier({"S2": 3}, 5, 0)
    both = build_classifier({"S2": 3, "S1": 2}, 4, 0, {"S2": NARROW, "S1": NARROW})
    path = tmp_path / "t.pt"
    for content, message in (
        (_saved(many.state_dict(), path), "t.pt holds a network of 5 classes, but the data has 4"),
        (_saved(wide.state_dict(), path), "t.pt holds another network than the teacher on S2"),
        (_saved(both.state_dict(), path), "teacher on S2, which has no 'encoders.S1"),
        (_saved([1, 2], path), "t.pt holds no weights"),
        (b"nothing", "t.pt holds no weights"),
    ):
        with pytest.raises(UserError, match=message):
            load_given_weights(network, content, "t.pt")
