"""The two forms of TRISTAR's actions.txt."""

from collections.abc import Callable, Sequence

from core.errors import UserError, nearest_names

STATES = ("get_down", "get_up", "sit", "walk", "stand", "lay")
LABELS = (
    *("put_down", "pick_up", "drink", "type", "wave"),  # actions, any number at a time
    *STATES,
    *("out_of_view", "out_of_room", "in_room"),  # locations, one at a time
)


def read_actions(
    content: bytes, origin: str, frames: Sequence[str], frame_of: Callable[[str], str]
) -> dict[str, frozenset[int]]:
    """Read which labels hold in each frame of a shot, as positions in LABELS.

    Form 1: one line per frame, its file name and then its labels in words. Form 2: one integer per
    line, the position in LABELS of the frame's label; line i belongs to the i-th frame by number.

    Args:
        content: the file.
        origin: where it comes from, for messages.
        frames: all frames of the shot, ordered by number; what lines of form 2 belong to.
        frame_of: from a file name to the frame.

    Raises:
        UserError: the file is empty or no text, a label is unknown, a frame comes twice, or form 2
            has another number of lines than the shot has frames.
    """
    try:
        lines = [line.split() for line in content.decode("utf-8").splitlines() if line.strip()]
    except UnicodeDecodeError:
        raise UserError(f"{origin} is not text, expected one line per frame") from None
    if not lines:
        raise UserError(
            f"{origin} is empty, expected one line per frame with its file name and labels; fetch "
            "the archive again"
        )
    if all(len(words) == 1 and words[0].isdigit() for words in lines):
        return _read_integers([int(words[0]) for words in lines], origin, frames)
    labels_of: dict[str, frozenset[int]] = {}
    for name, *words in lines:
        frame = frame_of(name)
        if frame in labels_of:
            raise UserError(f"{origin}: frame {name} comes twice, expected each frame once")
        for word in words:
            if word not in LABELS:
                hint = nearest_names(word, LABELS)
                raise UserError(f"{origin}: unknown label '{word}' of frame {name}: {hint}")
        labels_of[frame] = frozenset(LABELS.index(word) for word in words)
    return labels_of


def _read_integers(
    labels: Sequence[int], origin: str, frames: Sequence[str]
) -> dict[str, frozenset[int]]:
    if len(labels) != len(frames):
        raise UserError(
            f"{origin}: found {len(labels)} lines for {len(frames)} frames, expected one integer "
            "per frame; fetch the archive again"
        )
    if max(labels) >= len(LABELS):
        raise UserError(
            f"{origin}: found label {max(labels)}, expected 0 to {len(LABELS) - 1}, a position in "
            f"{', '.join(LABELS)}"
        )
    return {frame: frozenset((label,)) for frame, label in zip(frames, labels, strict=True)}
