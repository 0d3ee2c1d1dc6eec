"""One run as a page."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from rich.console import Console

from benchmark.pages.differences import flatten
from benchmark.pages.layout import facts, heading, readable, sentence
from benchmark.pages.lookup import FileState, StoredRun
from benchmark.pages.network_page import print_curve, print_network
from benchmark.pages.term_table import print_terms
from benchmark.records.augmentation import Augmentation
from benchmark.records.record import DataFacts, Record, Resources, headline_label
from benchmark.records.spec import RunSpec, Training
from benchmark.statistics.percent import percent


def print_run(console: Console, run: StoredRun) -> None:
    """Print all that is known of a run."""
    record = run.record
    heading(console, record.description)
    facts(console, _settings(run))
    for name, result in record.deployments.items():
        print_network(console, name, result, record.data.class_names)
    selected = {name: result.selected.epoch for name, result in record.deployments.items()}
    if record.loss_curve:  # weights that are given are not trained
        heading(console, "Training loss per epoch")
        print_curve(console, record.loss_curve, selected)
    print_terms(console, record.term_curves, selected)
    for finding in record.findings:
        sentence(console, f"note: {finding}")
    heading(console, "Resources")
    facts(console, _resources(record.resources, record.environment.device))
    heading(console, "Environment (not part of the key)")
    facts(console, _environment(record))
    heading(console, "Data notes")
    for note in record.data.notes or ["none"]:
        sentence(console, note)
    heading(console, f"Files beside {run.path}")
    if not record.files:
        sentence(console, "the record lists none")
    facts(console, ((run.beside(name).name, _file(run, name)) for name in record.files))


def _settings(run: StoredRun) -> Iterator[tuple[str, str]]:
    spec, training = run.record.spec, run.record.spec.training
    yield "key", run.record.key
    yield "method", spec.method
    yield "hyper-parameters", _settings_text(spec.hyperparameters)
    yield "plug-in", spec.plugin
    yield "modalities", ", ".join(spec.modalities)
    yield "teacher", _teacher(run)
    yield "data set", f"{run.record.data.name}, fingerprint {run.record.data.fingerprint}"
    yield "images", _images(spec)
    yield "split", _split(spec, run.record.data)
    yield "repetition", str(spec.repetition)
    yield (
        "training",
        f"{training.epochs} epochs, batch size {training.batch_size}, "
        f"learning rate {training.learning_rate}, precision {training.precision}"
        + "".join(f", {name} {value}" for name, value in _schedule(training)),
    )
    yield "augmentation", _settings_text(spec.augmentation)
    if spec.network:
        yield "network", _settings_text(spec.network)
    if spec.weights:
        yield "weights", f"of a file with digest {spec.weights}, not trained"
    yield "engine", f"numerics version {spec.numerics}"
    if spec.source:
        yield "own method file", f"digest {spec.source}"
    yield "finished", f"{run.record.finished:%Y-%m-%d %H:%M:%S %Z}"


def _schedule(training: Training) -> Iterator[tuple[str, object]]:
    values = training.model_dump()
    for name in sorted(Training.LATER & values.keys()):
        yield name.replace("_", " "), values[name]


def _settings_text(settings: str | Augmentation | Mapping[str, Any]) -> str:
    """Settings as NAME=VALUE; text as it is; "none" where there are none."""
    if not settings:
        return "none"
    if isinstance(settings, str):
        return settings
    plain = settings.model_dump(mode="json") if isinstance(settings, Augmentation) else settings
    return ", ".join(f"{name}={readable(value)}" for name, value in flatten(plain).items())


def _teacher(run: StoredRun) -> str:
    spec = run.record.spec.teacher
    if spec is None:
        return "none"
    text = f"{spec.key} on {', '.join(spec.modalities)}, in {spec.mode} mode"
    teacher = run.teacher()
    if teacher is None:
        return f"{text}; its record is not in this folder"
    if teacher.path.stem != spec.key:
        text = f"{text}, trained again since (its record is {teacher.path})"
    scores = (
        f"{name} {percent(result.selected.test.headline)}"
        for name, result in teacher.record.deployments.items()
    )
    metric = headline_label(teacher.record)
    return f"{text}; {metric} on test: {', '.join(scores)} %"


def _images(spec: RunSpec) -> str:
    size = "stored size" if spec.data.image_size is None else f"{spec.data.image_size} pixels"
    return f"{size}, normalisation {spec.data.normalisation}"


def _split(spec: RunSpec, data: DataFacts) -> str:
    sizes = f"{data.train_samples} / {data.validation_samples} / {data.test_samples} samples"
    groups = "samples have groups" if data.grouped else "samples have no groups"
    return f"{spec.data.split}: {sizes} (training, validation, test); {groups}"


def _resources(resources: Resources, device: str) -> Iterator[tuple[str, str]]:
    owner = "process" if device.startswith("CPU") else "device"
    yield "time", f"{timedelta(seconds=round(resources.seconds))} ({resources.seconds:.1f} s)"
    yield "speed", f"{resources.images_per_second:,.1f} images/s"
    yield f"peak memory of the {owner}", f"{resources.peak_memory_bytes / 1e9:.2f} GB"
    yield "trained parameters", f"{resources.trained_parameters:,}"
    if resources.continued:
        yield "continuations from a snapshot", str(resources.continued)


def _environment(record: Record) -> Iterator[tuple[str, str]]:
    environment = record.environment
    state = {True: ", with changes", False: "", None: ""}[environment.git_dirty]
    yield "device", environment.device
    yield "precision", environment.precision
    yield "threads", str(environment.threads)
    yield "versions", ", ".join(f"{key} {value}" for key, value in environment.versions.items())
    yield "git commit", f"{environment.git_commit or 'unknown'}{state}"


def _file(run: StoredRun, name: str) -> str:
    state = run.file_state(name)
    if state in (FileState.MISSING, FileState.UNREADABLE):
        return state.value
    return f"{state}, {len(run.beside(name).read_bytes()) / 1e3:,.1f} kB"
