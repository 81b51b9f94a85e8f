"""Types and indices of the tree: the methods for their rules in `wat.lark`."""

from __future__ import annotations

from typing import Any

from watloom.interp.core.errors import Note
from watloom.interp.core.features import Features
from watloom.interp.core.module import Kind
from watloom.interp.core.source import Source, Span
from watloom.interp.core.types import AbsHeap, NumType, PackType, RefType
from watloom.parser import ast, messages
from watloom.parser.ast import Token
from watloom.parser.keywords import OBSOLETE_TYPES
from watloom.parser.numbers import parse_nat

__all__ = ["EMPTY_USE", "KINDS", "TypeBuilder", "Values", "address", "bits_or_usual"]

Values = list[Any]

#: The kind that an opening keyword names.
KINDS = {f"({kind.value}": kind for kind in Kind}
#: A type use of which nothing is written.
EMPTY_USE = ast.TypeUseNode(None, [], [], None, False)

_NUMTYPES = {t.value: t for t in NumType}
_SHORT = {f"{heap.value}ref": RefType(True, heap) for heap in AbsHeap} | {
    "nullfuncref": RefType(True, AbsHeap.NOFUNC),
    "nullexternref": RefType(True, AbsHeap.NOEXTERN),
    "nullref": RefType(True, AbsHeap.NONE),
    "nullexnref": RefType(True, AbsHeap.NOEXN),
}


class TypeBuilder:
    """What all builders share, and the methods for types, type uses and indices.

    Every method gets the values of its rule's parts, None for what is absent. `inline` gathers the
    items of instances and outer modules that stand where an index may stand.
    """

    def __init__(self, source: Source, features: Features) -> None:
        self.source = source
        self.features = features
        self.linking = features.has("module-linking")
        self.inline: list[ast.LinkedItem | ast.OuterItem] = []
        self.warnings: list[Note] = []

    def warn(self, at: int, text: str) -> None:
        """Note a warning."""
        self.warnings.append(Note(text, Span(at), self.source))

    def need_linking(self, at: int, what: str) -> None:
        """Raise UnbuiltError unless module linking is on."""
        if not self.linking:
            extra: dict[str, Any] = {"feature": "module-linking"}
            raise messages.linking_off(at, self.source, what=what, extra=extra)

    # -------------------------------------------------------------- indices

    def named_item(self, v: Values) -> tuple[Kind, ast.Index]:
        """`(func $f)`, or with names the item of an instance."""
        (word, at), index, path, _ = v
        kind = KINDS[word]
        if kind in (Kind.MODULE, Kind.INSTANCE):
            self.need_linking(at, "modules and instances")
        if path is None:
            return kind, index
        self.need_linking(path[0][1], "items of instances")
        return kind, ast.LinkedItem(kind, index, path, at)

    def type_use(self, v: Values) -> tuple[Kind, ast.Index]:
        return Kind.TYPE, v[1]

    def outer_item(self, v: Values) -> tuple[Kind, ast.Index]:
        (word, at), _, module, item, _ = v
        kind = KINDS[word]
        return kind, ast.OuterItem(kind, module, item, at)

    def inline_item(self, v: Values) -> ast.Index:
        """An item where an index may stand."""
        _, index = v[0]
        if isinstance(index, tuple):
            self.need_linking(index[1], "indices in parentheses")
        else:
            self.inline.append(index)
        found: ast.Index = index
        return found

    def inline_type(self, index: ast.Index) -> ast.Index:
        """A type by its index; an outer one is noted as an inline item."""
        if not isinstance(index, tuple):
            self.inline.append(index)
        return index

    def variables(self, v: Values) -> ast.Variable:
        (_, at), types, _ = v
        return ast.Variable(None, types or [], at)

    def variable(self, v: Values) -> ast.Variable:
        (_, at), name, type_, _ = v
        return ast.Variable(name, [type_], at)

    # -------------------------------------------------------------- types

    def plain_subtype(self, v: Values) -> ast.SubTypeNode:
        comp, at = v[0]
        return ast.SubTypeNode(comp, [], True, at)

    def subtype(self, v: Values) -> ast.SubTypeNode:
        (_, at), final, supers, (comp, _), _ = v
        return ast.SubTypeNode(comp, supers or [], final is not None, at)

    def functype(self, v: Values) -> tuple[ast.FuncTypeNode, int]:
        (_, at), params, results, _ = v
        return ast.FuncTypeNode(_join(params), _concat(results)), at

    def structtype(self, v: Values) -> tuple[ast.StructNode, int]:
        (_, at), fields, _ = v
        return ast.StructNode(fields or []), at

    def arraytype(self, v: Values) -> tuple[ast.ArrayNode, int]:
        (_, at), field, _ = v
        return ast.ArrayNode(field), at

    def const_field(self, v: Values) -> ast.FieldNode:
        return ast.FieldNode(v[0], False)

    def mut_field(self, v: Values) -> ast.FieldNode:
        return ast.FieldNode(v[1], True)

    def packtype(self, v: Values) -> PackType:
        return PackType(v[0][0])

    def result(self, v: Values) -> list[ast.ValNode]:
        return v[1] or []

    def numtype(self, v: Values) -> NumType:
        return _NUMTYPES[v[0][0]]

    def short_reftype(self, v: Values) -> RefType:
        word, at = v[0]
        today = OBSOLETE_TYPES.get(word)
        if today:
            self.warn(at, f"{word} is an old spelling: write {today}")
        return _SHORT[today or word]

    def reftype(self, v: Values) -> ast.ValNode:
        _, null, heap, _ = v
        if isinstance(heap, AbsHeap):
            return RefType(null is not None, heap)
        return ast.RefNode(null is not None, heap)

    def heaptype(self, v: Values) -> AbsHeap:
        return AbsHeap(v[0][0])

    def type_heap(self, v: Values) -> ast.Index:
        index: ast.Index = v[0]
        return index

    def const_global(self, v: Values) -> ast.GlobalTypeNode:
        return ast.GlobalTypeNode(v[0], False)

    def mut_global(self, v: Values) -> ast.GlobalTypeNode:
        return ast.GlobalTypeNode(v[1], True)

    def tabletype(self, v: Values) -> ast.TableTypeNode:
        addr, low, high, elem = v
        return ast.TableTypeNode(address(addr), low, high, elem)

    def memtype(self, v: Values) -> ast.MemTypeNode:
        addr, low, high, shared, page_bits = v
        bits = bits_or_usual(page_bits)
        return ast.MemTypeNode(address(addr), low, high, shared is not None, bits)

    def pagesize(self, v: Values) -> int:
        """`(pagesize n)`: the power of two that n is."""
        _, (word, at), _ = v
        size = parse_nat(word, 64, at, self.source)
        if size.bit_count() != 1:
            span = Span(at, at + len(word))
            raise messages.page_size(span, self.source, size=size)
        return size.bit_length() - 1

    def typeuse(self, v: Values) -> ast.TypeUseNode:
        use, params, results = v
        if params is None:
            if results is None:
                if use is None:
                    return EMPTY_USE
                return ast.TypeUseNode(self.inline_type(use[1]), [], [], None, False)
            index = self.inline_type(use[1]) if use else None
            return ast.TypeUseNode(index, [], _concat(results), None, True)
        index = self.inline_type(use[1]) if use else None
        names: dict[int, Token] = {}
        types: list[ast.ValNode] = []
        for param in params:
            if param.name is not None:
                names[len(types)] = param.name
            types += param.types
        return ast.TypeUseNode(index, types, _concat(results), names, True, params)


def address(token: Token | None) -> NumType:
    """The address type of a table or memory."""
    return NumType.I64 if token is not None and token[0] == "i64" else NumType.I32


def bits_or_usual(page_bits: int | None) -> int:
    """The size of a page as a power of two: 64 KiB if nothing is said."""
    return 16 if page_bits is None else page_bits


def _join(variables: list[ast.Variable] | None) -> list[Any]:
    return [type_ for variable in variables or () for type_ in variable.types]


def _concat(lists: list[list[ast.ValNode]] | None) -> list[ast.ValNode]:
    if not lists:
        return []
    return lists[0] if len(lists) == 1 else [t for part in lists for t in part]
