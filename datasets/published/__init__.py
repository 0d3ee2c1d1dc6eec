"""The published data sets, one file each; importing this package registers them all."""

from core.registry import import_modules

import_modules(__name__, __path__)
