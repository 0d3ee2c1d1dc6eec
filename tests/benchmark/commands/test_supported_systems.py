"""Where the benchmark runs."""

import pytest

from benchmark.commands.supported_systems import require_supported_system
from core.errors import UserError


@pytest.mark.parametrize("system", ["linux", "darwin"])
def test_linux_and_macos_are_supported(system: str) -> None:
    require_supported_system(system)


@pytest.mark.parametrize("system", ["win32", "cygwin", "freebsd14"])
def test_others_are_not(system: str) -> None:
    with pytest.raises(UserError, match=f"this system is '{system}', expected Linux or macOS"):
        require_supported_system(system)
