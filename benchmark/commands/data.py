"""`run_benchmark.py data`: obtain, prepare, check and look at data sets."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from benchmark.commands.options import add_debug, add_folder, frozen, require_range
from core.errors import UserError


@dataclass(frozen=True)
class DataOptions:
    """What to do with which data set.

    Attributes:
        action: list, fetch, prepare, check or show.
        data: folder of the data sets.
        name: of a published data set, or the path of the user's own; "" for list.
        image_size: side in pixels; None for the usual one.
        modalities: the wanted ones; None for the usual ones.
        choices: options of the reader, (name, value).
        picture: the file that show writes; None for one named after the data set in `reports`.
        reports: folder of such files.
        augmented: show draws as training sees them.
    """

    action: str
    data: Path
    name: str
    image_size: int | None
    modalities: tuple[str, ...] | None
    choices: tuple[tuple[str, str], ...]
    picture: Path | None
    reports: Path
    augmented: bool = False


def add_options(parser: argparse.ArgumentParser) -> None:
    # What an action does not ask for is as if it had not been given.
    parser.set_defaults(
        name="",
        image_size=None,
        modalities=None,
        option=None,
        output=None,
        reports=Path("reports"),
        augmented=False,
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    common = argparse.ArgumentParser(add_help=False)
    add_folder(common.add_argument, "data")
    add_debug(common.add_argument)
    named = argparse.ArgumentParser(add_help=False, parents=[common])
    named.add_argument("name", metavar="NAME", help="a data set; for check and show also a file")
    reading = argparse.ArgumentParser(add_help=False, parents=[named])
    reading.add_argument("--image-size", type=int, metavar="N", help="side in pixels")
    reading.add_argument("--modalities", nargs="+", metavar="NAME", help="only these")
    reading.add_argument(
        "--option", action="append", metavar="NAME=VALUE", help="an option of the reader"
    )
    actions.add_parser("list", parents=[common], help="what exists, and what is here")
    actions.add_parser("fetch", parents=[named], help="download; running again continues")
    actions.add_parser("prepare", parents=[reading], help="archives to memory-mapped arrays")
    actions.add_parser("check", parents=[reading], help="counts, ranges, duplicates, leaks")
    show = actions.add_parser("show", parents=[reading], help="a picture of some pairs")
    add_folder(show.add_argument, "reports")
    show.add_argument("--output", type=Path, metavar="FILE.png")
    show.add_argument(
        "--augmented", action="store_true", help="as training sees them, with one class per pixel"
    )


def read(given: argparse.Namespace) -> DataOptions:
    if given.image_size is not None:
        require_range("--image-size", given.image_size, 8, 4096)
    return DataOptions(
        action=given.action,
        data=given.data,
        name=given.name,
        image_size=given.image_size,
        modalities=frozen(given.modalities),
        choices=tuple(map(_choice, given.option or ())),
        picture=given.output,
        reports=given.reports,
        augmented=given.augmented,
    )


def _choice(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise UserError(f"--option {text}: expected NAME=VALUE, such as depth=depth_bfx")
    return name, value


def run(options: DataOptions) -> int:
    """Do what `data list|fetch|prepare|check|show` asks for; returns the exit code.

    Raises:
        UserError: wrong input.
    """
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    if options.action == "list":
        from benchmark.data_actions.listing import list_data_sets

        list_data_sets(console, options.data)
        return 0
    if options.action == "fetch":
        from benchmark.data_actions.fetching import fetch_by_name

        fetch_by_name(console, options.name, options.data)
        return 0
    from datasets.preparing.readers import PreparationOptions

    wanted = PreparationOptions(options.image_size, options.modalities, options.choices)
    if options.action == "prepare":
        from benchmark.data_actions.preparing import prepare_data_set

        prepare_data_set(console, options.name, options.data, wanted)
        return 0
    from benchmark.data_actions.opening import source_of

    source = source_of(options.name, options.data, wanted)
    if options.action == "check":
        from benchmark.data_actions.checking import check_data_set

        check_data_set(console, source)
    else:
        from benchmark.data_actions.drawing import draw_data_set

        kind = "_augmented" if options.augmented else ""
        picture = options.picture or options.reports / "data" / f"{source.name}{kind}.png"
        draw_data_set(console, source, picture, options.augmented)
    return 0
