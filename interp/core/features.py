"""Which proposals are on, as a value that is handed in: two configurations live in one process.

Naming: a *proposal* is a name such as "func-bind"; *features* are the proposals that are on
together with the dialect of the text format.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from watloom.interp.core.dataclass import dataclass, replace

__all__ = ["DEFAULT", "PROPOSALS", "UNBUILT", "WASM3", "Features"]

Dialect = Literal["strict", "legacy"]

#: Proposals that can be switched on or off, and what each is.
PROPOSALS: dict[str, str] = {
    "module-linking": "nested modules, instances, aliases",
    "func-bind": "closures from function references: func.bind",
    "unique-imports": "two imports of one name are invalid",
    "legacy-exceptions": "try, catch, delegate and rethrow",
    "custom-page-sizes": "memories with pages of one byte",
    "let": "blocks with locals of their own: let",
    "threads": "atomics and shared memories",
    "wide-arithmetic": "sums, differences and products of 128 bits in two i64",
}

#: Proposals that the front end knows by name and does not build.
UNBUILT: dict[str, str] = {
    "custom-descriptors": "exact types, and structs that describe others",
}


@dataclass(frozen=True, slots=True)
class Features:
    """The proposals that are on, and the dialect ("legacy" takes old spellings with a warning)."""

    on: frozenset[str] = frozenset()
    dialect: Dialect = "strict"

    def __reduce__(self) -> tuple[object, ...]:
        return _features, (sorted(self.on), self.dialect)  # a set's order differs between copies

    def has(self, proposal: str) -> bool:
        """Whether a proposal is on."""
        return proposal in self.on

    @property
    def legacy(self) -> bool:
        """Whether old spellings are accepted."""
        return self.dialect == "legacy"

    def with_(self, changes: Iterable[str] = (), dialect: Dialect | None = None) -> Features:
        """The same with `+name` and `-name` applied in order.

        >>> sorted(WASM3.with_(["+func-bind"]).on)
        ['func-bind']

        Raises ValueError for a name that is not a proposal.
        """
        on = set(self.on)
        for change in changes:
            name = change.lstrip("+-")
            if name not in PROPOSALS:
                raise ValueError(
                    f"unknown proposal {name!r}; known are {', '.join(sorted(PROPOSALS))}"
                )
            (on.discard if change.startswith("-") else on.add)(name)
        return replace(self, on=frozenset(on), dialect=dialect or self.dialect)


def _features(on: list[str], dialect: Dialect) -> Features:
    return Features(frozenset(on), dialect)


#: Exactly WebAssembly 3.0: what test scripts run under.
WASM3 = Features()

#: What every other command runs under.
DEFAULT = Features(frozenset({"module-linking", "func-bind"}))
