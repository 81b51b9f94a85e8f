"""The static graph: modules, those inside them, and what they import by which name."""

from __future__ import annotations

from watloom.interp.core.module import Kind, NestedModule
from watloom.interp.core.types import ModuleType
from watloom.interp.link.graph.model import Edge, Graph, Node
from watloom.interp.link.linker import Linker
from watloom.interp.runtime.values import ModuleValue
from watloom.interp.validate import ValidModule

__all__ = ["module_graph"]


def module_graph(module: ModuleValue, linker: Linker) -> Graph:
    """The modules in a module and the files that it imports as modules.

    A name that only stands in imports is a node, too: whoever imports it points at it. Raises
    LinkError where a file is not found.
    """
    return _Modules(linker).of(module.valid)


class _Modules:
    def __init__(self, linker: Linker) -> None:
        self.linker = linker
        self.graph = Graph()
        self.named: dict[str, str] = {}
        """The modules by the names that imports may have for them."""
        self.wanted: list[tuple[str, ValidModule, set[str]]] = []

    def of(self, valid: ValidModule) -> Graph:
        """The graph of a root."""
        work: list[tuple[str, ValidModule, bool]] = [(valid.name or "main", valid, True)]
        self.graph.add(Node(work[0][0], work[0][0]))
        while work:
            name, each, is_root = work.pop(0)
            answered: set[str] = set()
            if is_root:
                for imported, wanted in zip(each.module.imports, each.imports, strict=True):
                    if isinstance(wanted, ModuleType) and imported.name is None:
                        found = self.linker.find_module(imported, wanted, each.module.source)
                        inner = self._inside(name, imported.module, found.valid, "import")
                        self.named[imported.module] = inner
                        answered.add(imported.module)
                        work.append((inner, found.valid, False))
            for label, nested in _nested(each):
                inner = self._inside(name, label, nested, "inside")
                self.named.setdefault(label.lower(), inner)
                work.append((inner, nested, False))
            self.wanted.append((name, each, answered))
        for name, each, answered in self.wanted:
            self._imports(name, each, answered)
        return self.graph

    def _inside(self, around: str, label: str, valid: ValidModule, kind: str) -> str:
        name = label if label not in self.graph.nodes else f"{around}.{label}"
        self.graph.add(Node(name, label))
        if kind == "import":
            self.graph.connect(Edge(around, name, label))
        else:
            self.graph.connect(Edge(around, name, "", "inside"))
        return name

    def _imports(self, name: str, valid: ValidModule, answered: set[str]) -> None:
        for label, t in valid.type.imports.items():
            if label in answered:
                continue
            if isinstance(t, ModuleType) and label.lower() in self.named:
                self.graph.connect(Edge(name, self.named[label.lower()], label))
                continue
            target = f"import {label}"
            self.graph.add(Node(target, label, "name"))
            self.graph.connect(Edge(name, target, label))


def _nested(valid: ValidModule) -> list[tuple[str, ValidModule]]:
    found = []
    index = 0
    inner = iter(valid.nested)
    imports = iter(valid.imports)
    for definition in valid.module.definitions:
        if isinstance(definition, NestedModule):
            name = valid.module.names.of(Kind.MODULE, index)
            found.append((name or f"module {index}", next(inner)))
            index += 1
        elif hasattr(definition, "desc"):
            index += isinstance(next(imports), ModuleType)
        elif getattr(definition, "kind", None) is Kind.MODULE:
            index += 1
    return found
