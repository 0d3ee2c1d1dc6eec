"""Where the numbers of a page are from: code, machines, data, and how to make them again."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from benchmark import __version__
from benchmark.planning.config import Suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.plan import Cell
from benchmark.records.result import RunResult
from benchmark.reporting.html.blocks import Code, Facts, Prose, Section
from benchmark.reporting.html.command import Command

PAPER = (
    "D. Ienco and C. F. Dantas: DisCoM-KD: Cross-Modal Knowledge Distillation via Disentanglement "
    "Representation and Adversarial Learning. British Machine Vision Conference (BMVC), 2024."
)


def provenance_section(
    title: str,
    cells: Sequence[Cell],
    summaries: Sequence[DatasetSummary],
    results: Mapping[str, RunResult],
    command: Command,
) -> Section:
    """Versions, commits, devices and data of the finished runs, and the commands.

    Args:
        title: of the suite's report.
        cells: of the suite.
        summaries: its data sets.
        results: of finished runs by key.
        command: makes the suite again.
    """
    used = [results[key] for key in dict.fromkeys(cell.run for cell in cells) if key in results]
    commits = _counted(result.git_commit or "unknown" for result in used)
    engines = _counted(str(result.numerics) for result in used)
    facts = [
        ("benchmark", f"version {__version__}"),
        ("training engine, version", engines),
        ("commit of the code", commits),
        ("packages", _counted(result.versions for result in used)),
        ("device", _counted(f"{result.device}, {result.precision}" for result in used)),
        # Entries of one data set differ in their roles alone.
        *(_data(one, used) for one in {summary.name: summary for summary in summaries}.values()),
    ]
    return Section(
        "Provenance",
        [
            Facts([(name, value) for name, value in facts if value]),
            Prose(
                [
                    "To write this report again from the records, or to train what they lack "
                    "(without --report-only):"
                ]
            ),
            Code(f"{command.whole} --report-only"),
            Prose(["To read one run, its curves, classes and files:"]),
            Code("python run_benchmark.py show KEY"),
            Prose(["To cite:"]),
            Code(
                f"{title}. cmkd-benchmark {__version__}, training engine {engines or '-'}, commit "
                f"{commits or '-'}.\n{PAPER}"
            ),
        ],
    )


def settings_section(suite: Suite) -> Section:
    """All settings of a suite, folded."""
    text = json.dumps(suite.model_dump(mode="json"), indent=1, ensure_ascii=False)
    return Section("Settings", [Code(text)], folded=True)


def _counted(values: Iterable[str]) -> str:
    """Values, each with the number of runs where there are several."""
    counts = Counter(values).most_common()
    if len(counts) == 1:
        return counts[0][0]
    return "; ".join(f"{value} ({count} runs)" for value, count in counts)


def _data(summary: DatasetSummary, used: Iterable[RunResult]) -> tuple[str, str]:
    own = [result for result in used if result.dataset == summary.name]
    fingerprints = _counted(result.fingerprint for result in own) or summary.fingerprint
    sizes = _counted(
        f"{one.train_samples} / {one.validation_samples} / {one.test_samples}" for one in own
    )
    parts = [f"fingerprint {fingerprints}"]
    if sizes:
        parts.append(f"training / validation / test samples {sizes}")
    return f"data: {summary.label}", "; ".join(parts)
