"""How far runs under way are: a small file each, which whoever watches a results folder reads."""

from contextlib import suppress
from pathlib import Path

from pydantic import Field, ValidationError

from core.files import write_atomically
from core.models import StrictModel


class Advance(StrictModel):
    """How far a training is; memory is the whole device's, whoever uses it, None on the CPU."""

    epochs_done: int = Field(ge=0)
    epochs: int = Field(ge=1)
    seconds_per_epoch: float = Field(ge=0, description="of the last one")
    images_per_second: float = Field(ge=0, description="in it, as of a finished run")
    memory_used: int | None = Field(default=None, ge=0, description="bytes")
    memory_total: int | None = Field(default=None, ge=0, description="bytes")

    @property
    def seconds_left(self) -> float:
        """Seconds until the last epoch is done, if all take as long as the last one did."""
        return (self.epochs - self.epochs_done) * self.seconds_per_epoch


class Advances:
    """Advances by key, in a folder that is made when the first is noted.

    They are for people alone: nothing that goes wrong with one stops a training, none waits for
    the disk, and one that a process left when it was killed is replaced by whoever takes its run
    over.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def note(self, key: str, advance: Advance) -> None:
        """Say how far a run is."""
        with suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            content = advance.model_dump_json().encode()
            write_atomically(self._path(key), content, durable=False)

    def find(self, key: str) -> Advance | None:
        """How far a run is, as far as it has said so."""
        try:
            return Advance.model_validate_json(self._path(key).read_bytes())
        except (OSError, ValidationError):
            return None

    def forget(self, key: str) -> None:
        """Remove what a run has said: it has ended, or begins anew."""
        with suppress(OSError):
            self._path(key).unlink()

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.json"
