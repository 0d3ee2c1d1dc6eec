"""The chart library that pages carry: Vega-Lite, as vl-convert bundles it for browsers."""

import os
from functools import cache
from importlib.metadata import version
from pathlib import Path

from core.files import write_atomically
from core.lazy import lazy

vl_convert = lazy("vl_convert")

# As a module its names are its own; this one is for the page's script.
_SNIPPET = "window.vegaEmbed = vegaEmbed;"


@cache
def chart_library() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script, 0.9 MB, that offers `vegaEmbed`.

    Bundling takes two seconds of a processor, as much as a small report; so the result is kept in
    the user's cache folder, where another report finds it.
    """
    # Its version from what is installed: to import it takes memory that its result does not.
    path = _cache_folder() / f"vega-{version('vl-convert-python')}.js"
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        bundled: str = vl_convert.javascript_bundle(_SNIPPET)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, bundled.encode())
    except OSError:
        return bundled  # without a place to keep it, it is made again next time
    return bundled


def _cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser(), "cmkd-benchmark")
