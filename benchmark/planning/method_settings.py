"""The hyper-parameters of a suite's methods."""

from typing import Any

from benchmark.planning.config import SWITCHES, MethodEntry, Protocol
from benchmark.planning.configurations import Configuration
from core.errors import UserError, nearest_names
from methods import Method
from methods.registry import METHODS, hyperparameters, make_method


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
    """A suite's methods under its protocol, made and validated once for all runs.

    What is given to `of` must live as long as this object.
    """

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self._made: dict[tuple[int, int], tuple[Method, dict[str, Any]]] = {}

    def of(
        self, method: MethodEntry, configuration: Configuration
    ) -> tuple[Method, dict[str, Any]]:
        """The method of an entry, and all its hyper-parameters.

        Raises:
            UserError: as `method_of`.
        """
        key = id(method), id(configuration)  # what has a dict in it cannot be a key itself
        if key not in self._made:
            given = {**method.hyperparameters, **configuration.hyperparameters}
            changed = method.model_copy(update={"hyperparameters": given})
            made = method_of(changed, self._protocol)
            self._made[key] = made, hyperparameters(made)
        return self._made[key]
