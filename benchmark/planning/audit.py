"""An audit: one suite under two protocols, and under each switch between them alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.planning.config import SWITCHES, Protocol, Suite, read_protocol
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.plan import Plan, make_plan
from core.errors import UserError


@dataclass(frozen=True)
class Variant:
    """One set-up of an audit.

    Attributes:
        name: a switch, or the name of the protocol that the audit starts from or ends at.
        suite: the audited suite with this variant's protocol; its name is `<suite>.<name>`.
    """

    name: str
    suite: Suite


@dataclass(frozen=True)
class AuditPlan:
    """The variants of an audit and what each asks for.

    Attributes:
        variants: the protocol that the suite names, each switch alone where there are several, the
            protocol to reach.
        plan: the runs of all of them; what a switch does not touch is one run in all.
    """

    variants: tuple[Variant, ...]
    plan: Plan

    @property
    def base(self) -> Variant:
        """The protocol that the audit starts from."""
        return self.variants[0]

    @property
    def switches(self) -> tuple[Variant, ...]:
        """One switch each; none where the two ends differ in one alone."""
        return self.variants[1:-1]

    @property
    def target(self) -> Variant:
        """The protocol that the audit ends at."""
        return self.variants[-1]


def plan_audit(suite: Suite, summaries: Sequence[DatasetSummary]) -> AuditPlan:
    """Plan every variant of an audit.

    Args:
        suite: a suite whose `audit` names a protocol.
        summaries: its data sets, as `make_plan` takes them.

    Raises:
        UserError: as `make_plan`, or the two protocols do not differ.
    """
    variants = audit_variants(suite)
    plan = Plan()
    for variant in variants:
        plan.merge(make_plan(variant.suite, summaries))
    return AuditPlan(variants, plan)


def audit_variants(suite: Suite) -> tuple[Variant, ...]:
    """The set-ups that an audit compares, in the order of the protocol's switches.

    Raises:
        UserError: no such protocol, or one that is the suite's own.
    """
    base, target = suite.protocol, read_protocol(suite.audit or "")
    changed = [switch for switch in SWITCHES if getattr(base, switch) != getattr(target, switch)]
    if not changed:
        raise UserError(
            f"suite {suite.name}: an audit from {base.name} to {target.name} has nothing to "
            "change; name two protocols that differ"
        )
    variants = [_variant(suite, base.name, base)]
    for switch in changed if len(changed) > 1 else ():
        value = getattr(target, switch)
        name = f"{base.name} + {switch}={value}"
        variants.append(
            _variant(suite, switch, base.model_copy(update={switch: value, "name": name}))
        )
    return (*variants, _variant(suite, target.name, target))


def _variant(suite: Suite, name: str, protocol: Protocol) -> Variant:
    own = suite.model_copy(update={"name": f"{suite.name}.{name}", "protocol": protocol})
    return Variant(name, own)
