"""The operating systems that the benchmark runs on."""

from core.errors import UserError

SUPPORTED = ("linux", "darwin")


def require_supported_system(system: str) -> None:
    """Check the operating system.

    Args:
        system: as `sys.platform` has it.

    Raises:
        UserError: the benchmark's file locks, signals and processes do not work there.
    """
    if system not in SUPPORTED:
        raise UserError(
            f"this system is '{system}', expected Linux or macOS, whose file locks, signals and "
            "processes the benchmark relies on; use one of them, on Windows by way of WSL 2"
        )
