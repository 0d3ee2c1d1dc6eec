"""The tables of methods and plug-ins, and how a method is made from a suite's entry."""

import ast
import hashlib
import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, dataclass_transform

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from core.errors import UserError, nearest_names
from core.models import first_finding
from core.registry import Registry
from methods.base import Method
from methods.contract import Kind
from methods.networks.choice import ENCODERS, EncoderFunction
from methods.plugins import Plugin

M = TypeVar("M", bound=Method)
P = TypeVar("P", bound=type[Plugin])

METHODS: Registry[type[Method]] = Registry("method")
PLUGINS: Registry[type[Plugin]] = Registry("plug-in")

# Those that plans and tables rely on.
_ATTRIBUTES: Mapping[str, type] = {
    "name": str,
    "label": str,
    "kind": Kind,
    "encoders_per_modality": int,
    "probes": tuple,
    "switches": Mapping,
}

# Digest of the source of each method and plug-in that came from a user's file.
_user_sources: dict[str, str] = {}
_source_being_loaded: str | None = None


@dataclass_transform(frozen_default=True)
def register_method(cls: type[M]) -> type[M]:
    """Class decorator: make a method's annotated fields its hyper-parameters and register it.

    Raises:
        UserError: the name is taken, or a required class attribute is missing or of another type.
    """
    for attribute, expected in _ATTRIBUTES.items():
        if not hasattr(cls, attribute):
            raise UserError(
                f"the method class {cls.__name__} has no attribute '{attribute}'; set it"
            )
        if not isinstance(value := getattr(cls, attribute), expected):
            raise UserError(
                f"the method class {cls.__name__} has {attribute} {value!r}, expected "
                f"{expected.__name__}; change it"
            )
    frozen = dataclass(frozen=True)(cls)
    METHODS.register(cls.name, frozen)
    _note_source(cls.name)
    return frozen


def register_plugin(cls: P) -> P:
    """Class decorator: register a plug-in.

    Raises:
        UserError: the name is taken.
    """
    PLUGINS.register(cls.name, cls)
    _note_source(cls.name)
    return cls


def register_network(function: EncoderFunction) -> EncoderFunction:
    """Decorator: a function that builds an encoder becomes a network of its name.

    It maps the channel count of a modality, and settings with types and defaults, to a module that
    maps images (B, channels, H, W), float32, to embeddings (B, `embedding_size`), float32, of which
    it has the attribute. With an attribute `feature_sizes` and a method `features`, as
    `methods.networks.encoder.Encoder` has them, it serves methods that follow maps.

    Raises:
        UserError: the name is taken.
    """
    ENCODERS.register(function.__name__, function)
    _note_source(_network(function.__name__))
    return function


def network_digest(name: str) -> str:
    """Digest of the user's file that defines a network; "" for what ships with the suite."""
    return _user_sources.get(_network(name), "")


def _network(name: str) -> str:
    """A network's place among the sources, where no method's name can be."""
    return f"network {name}"


def make_method(name: str, overrides: Mapping[str, Any]) -> Method:
    """Make the method `name`, some hyper-parameters changed.

    Raises:
        UserError: unknown method or hyper-parameter, a value of the wrong type, or a class that
            fails when it is made or has hyper-parameters that no record can hold.
    """
    cls = METHODS.get(name)
    known = {field.name for field in fields(cls)}
    for key in overrides:
        if key not in known:
            hint = nearest_names(key, known)
            raise UserError(f"method '{name}' has no hyper-parameter '{key}': {hint}")
    try:
        method = _validator(cls).validate_python(dict(overrides))
        to_jsonable_python(hyperparameters(method))
    except ValidationError as error:
        found = first_finding(error)
        raise UserError(
            f"method '{name}': hyper-parameter '{found.where}' is {found.value!r}, "
            f"but {found.message}"
        ) from None
    except Exception as error:  # a user's class may raise anything
        raise UserError(
            f"method '{name}' cannot be made: {type(error).__name__}: {error}; change its class"
        ) from error
    return method


@cache
def _validator(cls: type[Method]) -> TypeAdapter[Method]:
    """A class's validator, which takes a hundred times as long to build as to use."""
    return TypeAdapter(cls)


def hyperparameters(method: Method) -> dict[str, Any]:
    """All hyper-parameters of a method with their values, in order of their names.

    Those of `later_fields` are left out at their defaults.
    """
    left_out = {
        field.name
        for field in fields(method)
        if field.name in method.later_fields and getattr(method, field.name) == field.default
    }
    return {name: value for name, value in sorted(asdict(method).items()) if name not in left_out}


def make_plugin(name: str) -> Plugin | None:
    """Make the plug-in `name`; "none" gives None.

    Raises:
        UserError: no plug-in has that name.
    """
    return None if name == "none" else PLUGINS.get(name)()


def takes_plugins(method: Method) -> bool:
    """Whether plug-ins apply to a method as it is set."""
    return method.kind is Kind.DISTILLATION and method.distils_logits


def source_digest(name: str) -> str:
    """Digest of the user's file that defines `name`; "" for what ships with the suite.

    It belongs in a run's key: editing one's own method must not find the old method's results.
    Comments, blank lines and formatting do not change it.
    """
    return _user_sources.get(name, "")


def load_user_file(path: Path) -> None:
    """Run a user's Python file, so that the methods and plug-ins that it registers can be named.

    Raises:
        UserError: the file is missing, is no valid Python, fails when run, or registers nothing.
    """
    global _source_being_loaded  # noqa: PLW0603 - the file calls register_method while it runs
    try:
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source, filename=str(path))
    except OSError as error:
        raise UserError(
            f"cannot read --load {path}: {error.strerror}; give a Python file"
        ) from None
    except (SyntaxError, ValueError) as error:
        raise UserError(f"--load {path} is not valid Python: {error}") from None
    module_name = f"user_method_{path.stem}"
    module_spec = importlib.util.spec_from_file_location(module_name, path)
    if module_spec is None or module_spec.loader is None:
        raise UserError(f"--load {path} is not a Python file; its name must end in .py")
    module = importlib.util.module_from_spec(module_spec)
    sys.modules[module_name] = module
    _source_being_loaded = hashlib.sha256(ast.dump(tree).encode()).hexdigest()[:16]
    try:
        module_spec.loader.exec_module(module)
    except (UserError, KeyboardInterrupt):
        raise
    except BaseException as error:  # SystemExit too, which would end the command without a word
        raise UserError(
            f"--load {path} failed when it was run: {type(error).__name__}: {error}"
        ) from error
    finally:
        digest, _source_being_loaded = _source_being_loaded, None
    if digest not in _user_sources.values():
        raise UserError(f"--load {path} registers nothing; decorate its class with register_method")


def _note_source(name: str) -> None:
    if _source_being_loaded is not None:
        _user_sources[name] = _source_being_loaded
