"""What a suite must fulfil beyond its schema: things that depend on the registered methods."""

from collections.abc import Sequence

from benchmark.planning.config import MethodEntry, Suite
from benchmark.tasks import Task
from core.errors import UserError, nearest_names
from methods import Kind, Method
from methods.reference import Reference
from methods.registry import METHODS, make_method


def require_baseline(suite: Suite) -> None:
    """Raise UserError where the baseline is not a row of the suite's table."""
    rows = [*suite.references, *(entry.column for entry in suite.methods)]
    if suite.baseline is not None and suite.baseline not in rows:
        hint = nearest_names(suite.baseline, rows)
        raise UserError(
            f"suite {suite.name}: the baseline '{suite.baseline}' is no row of its table: {hint}"
        )


def require_switches_that_apply(suite: Suite) -> None:
    """Raise UserError where the suite sets a protocol switch that changes none of its runs."""
    for switch in suite.protocol.changed:
        if not switch_applies(switch, suite):
            concerned = sorted(name for name in METHODS if switch in METHODS.get(name).switches)
            raise UserError(
                f"suite {suite.name}: the protocol switch '{switch}' concerns "
                f"{', '.join(concerned) or 'distillation from a teacher'}, but the suite has only "
                f"{', '.join(entry.column for entry in suite.methods)}; remove the switch or add "
                "a method that it concerns"
            )


def require_row(suite: Suite, method: MethodEntry) -> None:
    """Raise UserError for an entry that no row can be made of."""
    definition = METHODS.get(method.name)
    if method.name == Reference.name:
        raise UserError(
            f"suite {suite.name}: '{method.name}' cannot be listed as a method; TEACHER and "
            "STUDENT are added by themselves"
        )
    if method.alone and definition.kind is not Kind.JOINT:
        raise UserError(
            f"suite {suite.name}: method '{method.name}' has alone: true, but it does not train "
            "all modalities at once; remove it"
        )
    if method.evaluate is not None and method.evaluate not in definition.probes:
        hint = nearest_names(method.evaluate, definition.probes)
        raise UserError(
            f"suite {suite.name}: method '{method.name}' has no part '{method.evaluate}' to "
            f"evaluate: {hint}"
        )


def require_few_modalities(suite: Suite, method: Method, modalities: Sequence[str]) -> None:
    """Raise UserError where a method takes fewer modalities than its runs would have.

    Args:
        suite: the suite.
        method: of it.
        modalities: the teacher's and the student's.
    """
    most = method.most_modalities
    if most is None or len(modalities) <= most:
        return
    others = [make_method(name, {}) for name in METHODS if name != method.name]
    take_more = [
        other.name
        for other in others
        if method.tasks & other.tasks
        and other.kind is not Kind.REFERENCE
        and (other.most_modalities is None or other.most_modalities >= len(modalities))
    ]
    raise UserError(
        f"suite {suite.name}: the method '{method.name}' takes at most {most} modalities under the "
        f"protocol {suite.protocol.name}, but it has {', '.join(modalities)}; leave some out, or "
        f"choose among {', '.join(take_more)}, which take as many"
    )


def require_teacher_view(suite: Suite, task: Task) -> None:
    """Raise UserError where teachers of this task cannot see what the protocol says."""
    view = suite.protocol.teacher_view
    if view not in task.teacher_views:
        raise UserError(
            f"suite {suite.name}: the protocol has teacher_view={view}, but in {task.name} it is "
            f"{' or '.join(task.teacher_views)}; remove the switch"
        )


def switch_applies(switch: str, suite: Suite) -> bool:
    """Whether a protocol switch can change any run of the suite."""
    methods = [METHODS.get(entry.name) for entry in suite.methods]
    distils = any(method.kind is Kind.DISTILLATION for method in methods)
    match switch:
        case "normalisation":
            return True
        case "teacher_mode" | "teacher_view":
            return distils
        case "reference_augmentation":
            return distils or bool(suite.references)
        case _:
            return any(switch in method.switches for method in methods)
