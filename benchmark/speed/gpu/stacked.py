"""Several networks as one: floors of training repetitions at the same time in one step."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state
from torch.nn import functional as F
from torchvision.models import resnet18

from benchmark.speed.engine import EngineRun, make_learner
from benchmark.speed.floor import BareSteps, one_batch
from benchmark.speed.gpu.side_by_side import throughput
from benchmark.speed.gpu.speeds import student
from benchmark.speed.gpu.step import Context, Result
from benchmark.speed.measure import measure_trainings, open_bench
from benchmark.speed.report import as_content
from benchmark.speed.selection import teacher_table
from benchmark.speed.timed_training import Bench
from methods.networks.encoder import EMBEDDING_SIZE
from methods.reference import Reference

MakeFloor = Callable[[Bench, EngineRun, int, bool], BareSteps]


def stacked(context: Context, make: MakeFloor, runs: int) -> Result:
    """STUDENT's network so many times in one step: launched kernel by kernel, and as a graph."""
    settings = context.settings(rounds=min(3, context.sizes.rounds))
    found: Result = {}
    for graph in (False, True) if context.device.type == "cuda" else (False,):
        with open_bench(context.console, settings) as bench:
            teacher, seconds = teacher_table(bench)
            floor = make(bench, student(bench, teacher), runs, graph)
            measurement = measure_trainings(context.console, settings, bench, [floor], seconds)
        name = "CUDA graph" if graph else "no graph"
        found[name] = {**throughput(measurement, runs), **as_content(measurement)}
    return found


def mapped(bench: Bench, run: EngineRun, runs: int, graph: bool) -> BareSteps:
    """Networks whose weights are stacked, and `torch.func.vmap` over them."""
    learners = [make_learner(bench, Reference.name, run.modalities) for _ in range(runs)]
    networks = [network for each in learners for network in each.deployments().values()]
    parameters, buffers = stack_module_state(networks)
    network = networks[0].train()
    (modality,) = run.modalities
    images, targets = _batches(run, runs)

    def forward(own: dict[str, Tensor], state: dict[str, Tensor], batch: Tensor) -> Tensor:
        logits: Tensor = functional_call(network, (own, state), ({modality: batch},))
        return logits

    def loss() -> Tensor:
        logits = torch.vmap(forward)(parameters, buffers, images)
        return runs * F.cross_entropy(logits.flatten(0, 1), targets)

    name = f"{runs} networks by vmap"
    return BareSteps(name, run, bench.steps, loss, parameters.values(), graph)


def grouped(bench: Bench, run: EngineRun, runs: int, graph: bool) -> BareSteps:
    """One network in whose convolutions each group is a repetition."""
    images, targets = _batches(run, runs)
    network = Grouped(images.shape[2], bench.data.num_classes, runs)
    network.to(bench.device).to(memory_format=torch.channels_last).train()
    batch = images.transpose(0, 1).flatten(1, 2).contiguous(memory_format=torch.channels_last)
    mixed = bench.dtype == torch.bfloat16

    def loss() -> Tensor:
        with torch.autocast(bench.device.type, dtype=torch.bfloat16, enabled=mixed):
            embeddings = network.backbone(batch)
        logits = network.logits(embeddings.float())
        return runs * F.cross_entropy(logits.flatten(0, 1), targets)

    name = f"{runs} networks as groups"
    return BareSteps(name, run, bench.steps, loss, network.parameters(), graph)


class Grouped(nn.Module):
    """Networks like STUDENT's side by side in the channels of one.

    Args:
        channels: of the images of each.
        classes: number of classes.
        runs: how many networks.
    """

    def __init__(self, channels: int, classes: int, runs: int) -> None:
        super().__init__()
        self._runs = runs
        self.backbone = resnet18(weights=None)
        self.backbone.conv1 = nn.Conv2d(channels, 64, 7, stride=2, padding=3, bias=False)
        self.backbone.fc = nn.Identity()
        _widen(self.backbone, runs)
        self.heads = nn.Parameter(0.01 * torch.randn(runs, EMBEDDING_SIZE, classes))

    def logits(self, embeddings: Tensor) -> Tensor:
        """Logits (runs, B, classes) of the backbone's embeddings (B, runs * 512)."""
        per_run = embeddings.view(len(embeddings), self._runs, EMBEDDING_SIZE)
        return per_run.transpose(0, 1) @ self.heads


def _widen(module: nn.Module, runs: int) -> None:
    """Give every layer the channels of all networks, none of which sees another's."""
    for name, child in module.named_children():
        if isinstance(child, nn.Conv2d):
            wide: nn.Module = nn.Conv2d(
                runs * child.in_channels,
                runs * child.out_channels,
                child.kernel_size,  # type: ignore[arg-type]
                child.stride,  # type: ignore[arg-type]
                child.padding,  # type: ignore[arg-type]
                groups=runs,
                bias=False,
            )
        elif isinstance(child, nn.BatchNorm2d):
            wide = nn.BatchNorm2d(runs * child.num_features)
        else:
            _widen(child, runs)
            continue
        setattr(module, name, wide)


def _batches(run: EngineRun, runs: int) -> tuple[Tensor, Tensor]:
    """A batch for each network, (runs, B, C, H, W), and the labels of all, (runs * B,)."""
    inputs, targets = one_batch(run)
    (images,) = inputs.values()
    return torch.stack([images] * runs), targets.repeat(runs)
