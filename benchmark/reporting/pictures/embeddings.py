"""What a run's networks make of test samples: embeddings in the plane, coloured by class."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from benchmark.reporting.pictures.projection import Points, Projection, project
from benchmark.reporting.pictures.style import (
    COLOURS,
    FAINT,
    MARKERS,
    SMALL,
    Width,
    canvas,
    title_of,
)

MOST_CLASSES = 21  # that are told apart: seven colours, three markers
_PANEL, _EXTRA, _LEGEND_LINE = 1.3, 0.2, 0.15  # inches
_LETTER = 0.062  # inches of a letter in the legend

# Deployed network -> name of an embedding -> (n, D).
Embeddings = Mapping[str, Mapping[str, NDArray[np.float32]]]


@dataclass(frozen=True)
class Panel:
    """One embedding of one network, in the plane."""

    network: str
    embedding: str
    points: Points


def place_embeddings(networks: Embeddings, projection: Projection) -> list[Panel]:
    """Put all embeddings into the plane.

    Where networks have several embeddings each, those of one name are in one space, so that one
    projection holds those of all networks: how they lie to each other is seen. Of one embedding
    each, each network has a projection of its own.

    Raises:
        UserError: there are too few embeddings, or they are too short.
    """
    names = list(dict.fromkeys(name for own in networks.values() for name in own))
    if len(names) == 1:
        return [
            Panel(network, name, project(embedding, projection))
            for network, own in networks.items()
            for name, embedding in own.items()
        ]
    panels = {}
    for name in names:
        holders = [network for network, own in networks.items() if name in own]
        found = project(np.concatenate([networks[one][name] for one in holders]), projection)
        parts = np.split(found.places, len(holders))
        for network, places in zip(holders, parts, strict=True):
            panels[network, name] = Panel(network, name, Points(places, found.explained))
    return [panels[network, name] for network, own in networks.items() for name in own]


def draw_embeddings(
    panels: Sequence[Panel],
    classes: NDArray[np.int64],
    class_names: Sequence[str],
    caption: str,
    width: Width,
) -> Figure:
    """A panel for each embedding: networks below each other where each has several.

    Panels of one projection have one scale. Of more than 21 classes the most frequent are told
    apart, and the others are grey.

    Args:
        panels: at least one.
        classes: true class of each sample, (n,).
        class_names: one name per class.
        caption: what stands below the panels.
        width: of the figure.

    Raises:
        UserError: the figure is taller than a page.
    """
    names = list(dict.fromkeys(panel.embedding for panel in panels))
    several = len(names) > 1
    across = len(names) if several else width.side_by_side(len(panels), _PANEL)
    down = math.ceil(len(panels) / across)
    looks = _looks(classes, class_names)
    beside = _beside(looks, width)
    legend = math.ceil(len(looks) / beside) * _LEGEND_LINE
    side = min(width.inches / across, 2.4)
    titles = _EXTRA if several else _EXTRA * down
    figure = canvas(width, down * side + titles + legend + 0.35)
    grid = figure.subplots(down, across, squeeze=False)
    for number, (axes, panel) in enumerate(zip(grid.ravel(), panels, strict=False)):
        shared = [one for one in panels if several and one.embedding == panel.embedding]
        _draw(axes, panel.points, [one.points for one in shared or [panel]], classes, looks)
        if panel.points.explained is not None and (not several or number + across >= len(panels)):
            held = f"{100 * panel.points.explained:.0f} % of variance"
            axes.set_xlabel(held, fontsize=SMALL, labelpad=2)
        if not several:
            title_of(axes, panel.network, round(16 * width.inches / across))
            continue
        if number < across:
            title_of(axes, panel.embedding, 16)
        if number % across == 0:
            axes.set_ylabel(panel.network, parse_math=False)
    for axes in grid.ravel()[len(panels) :]:
        axes.set_axis_off()
    figure.supxlabel(caption, fontsize=SMALL, parse_math=False)
    placed = figure.legend(
        handles=[look.handle for look in looks], loc="outside upper center", ncols=beside,
        frameon=False, handletextpad=0.1, columnspacing=0.8, borderaxespad=0, labelspacing=0.25,
        handlelength=1.2,
    )  # fmt: skip
    for text in placed.get_texts():
        text.set_parse_math(False)
    return figure


def embedding_frame(
    panels: Sequence[Panel],
    samples: NDArray[np.int64],
    classes: NDArray[np.int64],
    class_names: Sequence[str],
) -> pd.DataFrame:
    """The points of all panels, with their sample's place in the data set and its class."""
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "network": panel.network,
                    "embedding": panel.embedding,
                    "sample": samples,
                    "class": [class_names[one] for one in classes],
                    "x": panel.points.places[:, 0],
                    "y": panel.points.places[:, 1],
                }
            )
            for panel in panels
        ],
        ignore_index=True,
    )


@dataclass(frozen=True)
class _Look:
    """Some classes that look alike: one, or all that are not told apart."""

    label: str
    classes: Sequence[int]
    colour: str
    marker: str

    @property
    def handle(self) -> Line2D:
        """What stands for it in the legend."""
        return Line2D(
            [], [], color=self.colour, marker=self.marker, linestyle="none", markersize=4, mew=0,
            label=self.label,
        )  # fmt: skip


def _looks(classes: NDArray[np.int64], class_names: Sequence[str]) -> list[_Look]:
    """Of the classes that samples have, in their order; the others last."""
    counts = np.bincount(classes, minlength=len(class_names))
    present = np.flatnonzero(counts)
    kept = np.sort(present[np.argsort(-counts[present], kind="stable")][:MOST_CLASSES])
    looks = [
        _Look(class_names[one], [one], COLOURS[place % 7], MARKERS[place // 7])
        for place, one in enumerate(kept.tolist())
    ]
    others = sorted(set(present.tolist()) - set(kept.tolist()))
    if others:
        looks.insert(0, _Look(f"{len(others)} others", others, FAINT, MARKERS[0]))
    return looks


def _beside(looks: Sequence[_Look], width: Width) -> int:
    """How many entries of the legend stand beside each other."""
    longest = max(len(look.label) for look in looks)
    return max(min(int(width.inches / (_LETTER * longest + 0.3)), len(looks)), 1)


def _draw(
    axes: Axes,
    points: Points,
    shared: Sequence[Points],
    classes: NDArray[np.int64],
    looks: Sequence[_Look],
) -> None:
    colours = np.empty(len(classes), dtype=object)
    markers = np.empty(len(classes), dtype=object)
    for look in looks:
        own = np.isin(classes, look.classes)
        colours[own], markers[own] = look.colour, look.marker
    # In no order of classes, so that none lies on top of all others.
    order = np.random.default_rng(0).permutation(len(classes))
    size = float(np.clip(1500 / len(classes), 2, 7))
    for marker in dict.fromkeys(look.marker for look in looks):
        own = order[markers[order] == marker]
        axes.scatter(
            points.places[own, 0],
            points.places[own, 1],
            c=colours[own].tolist(),
            marker=marker,
            s=size,
            linewidths=0,
            alpha=0.85,
        )
    everything = np.concatenate([one.places for one in shared])
    middle = (everything.max(axis=0) + everything.min(axis=0)) / 2
    reach = max(float(np.ptp(everything, axis=0).max()) / 2, 1e-12) * 1.06
    axes.set(
        xlim=(middle[0] - reach, middle[0] + reach), ylim=(middle[1] - reach, middle[1] + reach)
    )
    axes.set_box_aspect(1)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(visible=True, color=FAINT)
