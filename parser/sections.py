"""The sections of a binary module, their order, and where custom sections stand among them.

sections  1 (type)   3 (function)   10 (code)
place    0         1              2           3        a number of sections that stand in front
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import TypeAlias, TypeVar

from watloom.interp.core.module import (
    Definition,
    Import,
    InstanceDef,
    InstanceDesc,
    InstanceTypeDef,
    Kind,
    Module,
    ModuleDesc,
    ModuleTypeDef,
    NestedModule,
    OuterAlias,
    RecGroup,
    TypeDecl,
)
from watloom.parser.encode_code import uses_data

__all__ = [
    "FIRST", "LAST", "ORDER", "PREAMBLE", "SECTIONS", "TEXT_NAMES", "Place", "counts_data",
    "place_behind", "place_of", "preamble", "section_numbers", "section_of",
    "types_first",
]  # fmt: skip

D = TypeVar("D", bound="Definition | TypeDecl")

#: The sections by number.
SECTIONS = {
    1: "type", 2: "import", 3: "function", 4: "table", 5: "memory", 6: "global", 7: "export",
    8: "start", 9: "element", 10: "code", 11: "data", 12: "data count", 13: "tag",
    14: "module", 15: "instance", 16: "alias",
}  # fmt: skip
#: Their order; with linking on, those of the preamble come first, in any order and repeatedly.
ORDER = (1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11)
PREAMBLE = (1, 2, 14, 15, 16)

_IN_TEXT = {"function": "func", "element": "elem", "data count": "datacount"}
#: What `(@custom … (after …))` calls them.
TEXT_NAMES = {_IN_TEXT.get(name, name): number for number, name in SECTIONS.items()}

_RANKS = {number: rank for rank, number in enumerate((0, *PREAMBLE, *ORDER[2:]))}

#: Before (False) or behind (True) a section; before all of them, behind all of them.
Place: TypeAlias = tuple[int, bool]
FIRST: Place = (-1, False)
LAST: Place = (-1, True)


def place_behind(number: int, sections: list[int]) -> int:
    """How many of the sections stand before what follows section `number`, there or not.

    >>> place_behind(3, [1, 3, 10]), place_behind(6, [1, 3, 10]), place_behind(0, [1])
    (2, 2, 0)
    """
    if number in sections:
        return len(sections) - sections[::-1].index(number)
    return sum(_RANKS[other] <= _RANKS[number] for other in sections)


def place_of(place: Place, sections: list[int]) -> tuple[int, int, bool]:
    """How many sections stand in front of a place, and what orders the places between two.

    >>> place_of((6, False), [1, 3, 10]) > place_of((4, True), [1, 3, 10])  # no 4, no 6
    True
    """
    number, behind = place
    if place == FIRST:
        return 0, -1, behind
    if place == LAST:
        return len(sections), len(_RANKS), behind
    if not behind and number in sections:
        return sections.index(number), _RANKS[number], behind
    return place_behind(number, sections), _RANKS[number], behind


# ------------------------------------------------------------------ the sections of a module


def section_of(definition: Definition) -> int:
    """The section that a definition of the preamble stands in."""
    if isinstance(definition, RecGroup | ModuleTypeDef | InstanceTypeDef):
        return 1
    if isinstance(definition, Import):
        return 2
    if isinstance(definition, NestedModule):
        return 14
    return 15 if isinstance(definition, InstanceDef) else 16


def types_first(definitions: Iterable[D]) -> list[D]:
    """Definitions, or declarations of a type, as the text has them: types before all else."""
    return sorted(definitions, key=lambda d: not _is_type(d))  # stable


def _is_type(definition: Definition | TypeDecl) -> bool:
    if isinstance(definition, OuterAlias):
        return definition.kind is Kind.TYPE
    return isinstance(definition, RecGroup | ModuleTypeDef | InstanceTypeDef)


def preamble(definitions: list[Definition]) -> list[Definition]:
    """The definitions in the order of the binary: types before imports, where that is all."""
    if all(_is_standard(d) for d in definitions):
        return sorted(definitions, key=section_of)  # stable
    return definitions


def _is_standard(definition: Definition) -> bool:
    if isinstance(definition, Import):
        linking = isinstance(definition.desc, ModuleDesc | InstanceDesc)
        return definition.name is not None and not linking
    return isinstance(definition, RecGroup)


def counts_data(module: Module) -> bool:
    """Whether the module has a data count section: where one is required, or was there."""
    return module.data_count is not None or any(uses_data(f.body) for f in module.funcs)


def section_numbers(module: Module) -> list[int]:
    """The sections that a module is written in, custom ones left out."""
    filled = {
        3: module.funcs, 4: module.tables, 5: module.memories, 13: module.tags,
        6: module.globals, 7: module.exports, 8: module.start, 9: module.elems,
        12: counts_data(module), 10: module.funcs, 11: module.datas,
    }  # fmt: skip
    first = [number for number, _ in groupby(preamble(module.definitions), section_of)]
    return first + [number for number, things in filled.items() if things]
