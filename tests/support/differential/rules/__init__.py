"""The rules of the generator, a file per chapter; importing this package registers them all.

In the order of the files' names: a seed's program depends on it.
"""

from importlib import import_module
from pkgutil import iter_modules

__all__: list[str] = []

for _module in sorted(iter_modules(__path__), key=lambda module: module.name):
    import_module(f"differential.rules.{_module.name}")
