"""The run-time graph: instances, and what each was given for its imports.

An instance that imports single functions points at the instances that own them.
"""

from __future__ import annotations

from typing import Any

from watloom.interp.core.module import Alias, Import, InstanceDef, Kind, NestedModule, OuterAlias
from watloom.interp.core.types import ExternType
from watloom.interp.link.graph.model import Edge, Graph, Node
from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.runtime.values import HostFunc, InstanceInst, WasmFunc
from watloom.interp.validate.definitions import kind_of

__all__ = ["instance_graph"]


def instance_graph(root: ModuleInst) -> Graph:
    """The instances that an instance was made with, or given.

    Nodes are named by the identifiers of the instances, with a dot in front of those inside others:
    the root by its module's name, `child`, `child.inner`; a host's by the name of the import.
    """
    return _Instances(root).run()


class _Instances:
    def __init__(self, root: ModuleInst) -> None:
        self.root = root
        self.graph = Graph()
        self.names: dict[int, str] = {}
        self.kept: list[object] = []  # so that an id stays its owner's
        self.owners: dict[int, ModuleInst] = {}
        self.found: list[ModuleInst] = []

    def run(self) -> Graph:
        self._name(self.root, self.root.valid.name or "main", "")
        given: dict[str, set[str]] = {}
        for instance in self.found:
            for label, value in _imports(instance):
                for target in self._targets(label, value):
                    if instance is self.root:
                        given.setdefault(label, set()).add(target)
                    other = instance is not self.root and target not in given.get(label, {target})
                    virtual = other and self.graph.nodes[target].kind == "guest"
                    source = self.names[id(instance)]
                    kind: Any = "virtual" if virtual else "import"
                    self.graph.connect(Edge(source, target, label, kind))
        return self.graph

    # -------------------------------------------------------------- names

    def _name(self, instance: ModuleInst, name: str, path: str) -> None:
        """Name an instance and those that it has made; note what they own."""
        work = [(instance, name, path, "")]
        while work:
            each, label, around, parent = work.pop(0)
            if id(each) in self.names:
                continue
            full = f"{around}.{label}" if around else label
            while full in self.graph.nodes:
                full += "'"
            module = each.valid.name or ""
            note = module if module.lower() != label.lower() else ""
            self.graph.add(Node(full, label, "guest", note))
            self.names[id(each)] = full
            self.kept.append(each)
            self.found.append(each)
            if parent:
                self.graph.connect(Edge(parent, full, "", "inside"))
            for thing in _own(each):
                self.owners[id(thing)] = each
            inner = "" if each is self.root else full
            work += [(child, word, inner, full) for child, word in _made(each)]

    def _targets(self, label: str, value: Any) -> list[str]:
        """The nodes that a value belongs to."""
        if isinstance(value, ModuleInst):
            if id(value) not in self.names:  # made elsewhere and given
                self._name(value, value.valid.name or label, "")
            return [self.names[id(value)]]
        if isinstance(value, InstanceInst):
            owners = {t for item in value.exports.values() for t in self._targets(label, item)}
            return sorted(owners)
        owner = self.owners.get(id(value))
        if owner is None and isinstance(value, WasmFunc):
            owner = value.module
        if owner is not None:
            return self._targets(label, owner)
        name = value.key[0] if isinstance(value, HostFunc) and value.key else label
        node = f"host {name}"
        self.graph.add(Node(node, name, "host"))
        return [node]


def _definitions(instance: ModuleInst) -> list[tuple[Any, Kind, int]]:
    """The definitions that fill index spaces, each with its place."""
    counts = dict.fromkeys(Kind, 0)
    implied: set[str] = set()
    found: list[tuple[Any, Kind, int]] = []
    types = iter(instance.valid.imports)
    for definition in instance.valid.module.definitions:
        kind: Kind | None = None
        if isinstance(definition, Import):
            t: ExternType = next(types)
            kind = kind_of(t)
            if definition.name is not None and definition.module not in implied:
                implied.add(definition.module)
                if instance.valid.module.features.has("module-linking"):
                    counts[Kind.INSTANCE] += 1
        elif isinstance(definition, NestedModule):
            kind = Kind.MODULE
        elif isinstance(definition, InstanceDef):
            kind = Kind.INSTANCE
        elif isinstance(definition, Alias | OuterAlias):
            kind = definition.kind
        if kind is not None:
            found.append((definition, kind, counts[kind]))
            counts[kind] += 1
    return found


def _imports(instance: ModuleInst) -> list[tuple[str, Any]]:
    """The imports by first name, each with its value; those of modules are no instances."""
    from watloom.interp.runtime.instantiate import item

    return [
        (definition.module, item(instance, kind, index))
        for definition, kind, index in _definitions(instance)
        if isinstance(definition, Import) and kind is not Kind.MODULE
    ]


def _made(instance: ModuleInst) -> list[tuple[ModuleInst, str]]:
    """The instances that a module defines, with their identifiers."""
    names = instance.valid.module.names
    found = []
    for definition, _, index in _definitions(instance):
        made = instance.instances[index] if isinstance(definition, InstanceDef) else None
        if isinstance(made, ModuleInst):
            found.append((made, names.of(Kind.INSTANCE, index) or f"instance {index}"))
    return found


def _own(instance: ModuleInst) -> list[object]:
    """The memories, tables, globals and tags that an instance has made."""
    module = instance.valid.module
    pairs: list[tuple[list[Any], int]] = [
        (instance.memories, len(module.memories)),
        (instance.tables, len(module.tables)),
        (instance.globals, len(module.globals)),
        (instance.tags, len(module.tags)),
        (instance.funcs, len(module.funcs)),
    ]
    return [thing for space, own in pairs for thing in space[len(space) - own :]]
