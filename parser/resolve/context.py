"""What the parts of the resolver share about one module."""

from __future__ import annotations

from watloom.interp.core.dataclass import dataclass, field
from watloom.interp.core.errors import Note
from watloom.interp.core.features import Features
from watloom.interp.core.module import Kind
from watloom.interp.core.source import Source, Span
from watloom.interp.core.types import FuncType
from watloom.parser import ast, messages
from watloom.parser.ast import Token
from watloom.parser.resolve.annotations import Annotations
from watloom.parser.resolve.scopes import Scope
from watloom.parser.resolve.spaces import Entry, Space, advise_name
from watloom.parser.resolve.types import Types

__all__ = ["Context"]

_SPACES = {
    "func": "function", "table": "table", "memory": "memory", "global": "global",
    "tag": "tag",
    "instance": "instance", "elem": "elem segment", "data": "data segment",
}  # fmt: skip


@dataclass(eq=False)
class Context:
    """One module while it is resolved: its spaces, its types, and where inline items have gone."""

    source: Source
    features: Features
    scope: Scope
    warnings: list[Note]
    annotations: Annotations
    types: Types = field(init=False)
    spaces: dict[str, Space] = field(init=False)
    inline: dict[int, Entry] = field(default_factory=dict)
    """The entry that an item of an instance or an outer module became, by the node's id."""

    def __post_init__(self) -> None:
        self.types = Types(self.scope, self.source, [])
        self.spaces = {name: Space(what, self.source) for name, what in _SPACES.items()}
        self.spaces["module"] = self.scope.modules
        self.spaces["type"] = self.scope.space

    def index(self, space: str, index: ast.Index) -> int:
        """An index of a space.

        Raises MalformedError for an unknown name.
        """
        if isinstance(index, tuple):
            return self.spaces[space].index(index)
        return self.inline[id(index)].index

    def of(self, kind: Kind, index: ast.Index) -> int:
        """An index of the space of a kind."""
        return self.index(kind.value, index)

    def unknown_field(
        self, token: Token, typeidx: int, written: ast.Index, known: list[str]
    ) -> Exception:
        """The error for the name of a field that the type does not have."""
        word, at = token
        span = Span(at, at + len(word))
        owners = [i for i, fields in self.scope.fields.items() if word in fields]
        names = {entry.index: name for name, entry in self.scope.space.names.items()}
        advice = advise_name("field", word, known)
        if owners and self.scope.struct(typeidx) is None:
            shown = written[0] if isinstance(written, tuple) else "the type"
            is_function = isinstance(self.scope.functype(typeidx), FuncType)
            what = "a function type" if is_function else "no struct type"
            owner = names.get(owners[0], str(owners[0]))
            advice = f"{shown} is {what}; the struct type that has the field {word} is {owner}"
        return messages.unknown_name(span, self.source, kind="field", name=word, help=advice)
