"""The hyper-parameters of a suite's methods."""

from typing import Any

from benchmark.planning.config import SWITCHES, MethodEntry, Protocol
from benchmark.planning.configurations import AS_THE_SUITE_SAYS, Configuration
from core.errors import UserError, nearest_names
from methods import Method
from methods.registry import METHODS, hyperparameters, make_method, takes_plugins


def method_of(entry: MethodEntry, protocol: Protocol) -> Method:
    """The method of a suite's entry under a protocol.

    Raises:
        UserError: as `make_method`, or the method names a switch that no protocol has.
    """
    switches = METHODS.get(entry.name).switches
    for switch in switches:
        if switch not in SWITCHES:
            raise UserError(
                f"method '{entry.name}' has the protocol switch '{switch}': "
                f"{nearest_names(switch, SWITCHES)}"
            )
    given = {field: getattr(protocol, switch) for switch, field in switches.items()}
    return make_method(entry.name, {**given, **entry.hyperparameters})


class MethodSettings:
    """Hyper-parameters of a suite's methods under its protocol, validated once for all runs."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self._made: dict[tuple[int, int], tuple[dict[str, Any], bool]] = {}

    def of(self, method: MethodEntry, configuration: Configuration) -> dict[str, Any]:
        """All hyper-parameters of an entry; both arguments must live as long as this object.

        Raises:
            UserError: as `method_of`.
        """
        return self._make(method, configuration)[0]

    def take_plugins(self, method: MethodEntry) -> bool:
        """Whether plug-ins apply to an entry; errors as those of `of`."""
        return self._make(method, AS_THE_SUITE_SAYS)[1]

    def _make(
        self, method: MethodEntry, configuration: Configuration
    ) -> tuple[dict[str, Any], bool]:
        key = id(method), id(configuration)  # what has a dict in it cannot be a key itself
        if key not in self._made:
            given = {**method.hyperparameters, **configuration.hyperparameters}
            changed = method.model_copy(update={"hyperparameters": given})
            made = method_of(changed, self._protocol)
            self._made[key] = hyperparameters(made), takes_plugins(made)
        return self._made[key]
