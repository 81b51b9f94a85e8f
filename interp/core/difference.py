"""Why one external type does not match another: where they part, and what is wrong there.

wanted (func (param i32 i64) (result i32))
                        ^^^
given  (func (param i32) (result i32))
"""

from __future__ import annotations

import re
from typing import TypedDict

from watloom.interp.core.matching import matches_extern, matches_ref
from watloom.interp.core.source import columns
from watloom.interp.core.types import (
    DefType,
    ExternType,
    GlobalType,
    InstanceType,
    Limits,
    MemType,
    ModuleType,
    TableType,
    TagType,
)

__all__ = ["Explained", "explained", "side_by_side"]

_KINDS: dict[type, str] = {
    DefType: "function", TableType: "table", MemType: "memory", GlobalType: "global",
    TagType: "tag", ModuleType: "module", InstanceType: "instance",
}  # fmt: skip


class Explained(TypedDict):
    """`where`: the way to what does not match; `types`: both of them; `help`: what is wrong."""

    where: str
    types: str
    help: str | None


def explained(given: ExternType, wanted: ExternType) -> Explained:
    """Why `given` does not match `wanted` (it must not), as values for a message.

    >>> why = explained(MemType(Limits(1)), MemType(Limits(2)))
    >>> print(why["types"])
      wanted (memory 2)
      given  (memory 1)
                     ^
    >>> why["help"]
    'it has 1 page now; at least 2 are wanted'
    """
    path, depth, turned = "", 0, False
    while True:
        found = _inside(given, wanted) if depth < _DEEPEST else None
        depth += 1
        if found is None:
            types = side_by_side(str(wanted), str(given), _IMPORT if turned else _EXPORT)
            return Explained(where=path, types=types, help=_why(given, wanted))
        step, inner, wanted = found
        path = f"{path}: {step}"
        turned ^= step.startswith("import")
        if inner is None and turned:
            return Explained(
                where=f"{path} is not declared",
                types=f"  {_IMPORT[0]} {wanted}",
                help="a module may import less than the type that is wanted of it, but no more",
            )
        if inner is None:
            more = "a thing that has more than is wanted fits, one that has less does not"
            return Explained(where=f"{path} is missing", types=f"  wanted {wanted}", help=more)
        given = inner


#: How two types are called. What a module imports it wants, and gets what its type declares.
_EXPORT = "wanted", "given "
_IMPORT = "imports ", "is given"


#: How far into types in types the way to a difference is told.
_DEEPEST = 20

_Step = tuple[str, ExternType | None, ExternType]


def _inside(given: ExternType, wanted: ExternType) -> _Step | None:
    """The first import or export that does not match."""
    if isinstance(given, InstanceType) and isinstance(wanted, InstanceType):
        return _first("export", given.exports, wanted.exports)
    if isinstance(given, ModuleType) and isinstance(wanted, ModuleType):
        return _first("export", given.exports, wanted.exports) or _first(
            "import", wanted.imports, given.imports
        )
    return None


def _first(word: str, given: dict[str, ExternType], wanted: dict[str, ExternType]) -> _Step | None:
    for name, t in wanted.items():
        have = given.get(name)
        if have is None or not matches_extern(have, t):
            return f"{word} `{name}`", have, t
    return None


# ------------------------------------------------------------------ why

_USUAL: dict[type, str] = {
    DefType: "a function must be of the wanted type, or of a declared subtype of it",
    TagType: "a tag must be of exactly the wanted type",
}


def _why(given: ExternType, wanted: ExternType) -> str | None:
    if type(given) is not type(wanted):
        have, want = _KINDS[type(given)], _KINDS[type(wanted)]
        return f"{_article(have)} is given where {_article(want)} is wanted"
    match given, wanted:
        case GlobalType(), GlobalType():
            if given.mutable != wanted.mutable:
                which = ["immutable", "mutable"]
                have, want = which[given.mutable], which[wanted.mutable]
                return f"the global that is given is {have}, the wanted one {want}"
            return "a mutable global must be of exactly the type" if given.mutable else None
        case MemType(), MemType():
            if given.addr is not wanted.addr:
                return f"it is addressed by {given.addr}, not {wanted.addr}"
            if given.shared != wanted.shared:
                which = ["not shared", "shared"]
                return f"the memory that is given is {which[given.shared]}"
            if given.page_bits != wanted.page_bits:
                one, other = (1 << t.page_bits for t in (given, wanted))
                return f"its pages have {one} byte{'s' * (one > 1)}, not {other}"
            return _why_limits(given.limits, wanted.limits, "pages")
        case TableType(), TableType():
            if given.addr is not wanted.addr:
                return f"it is addressed by {given.addr}, not {wanted.addr}"
            same = matches_ref(given.elem, wanted.elem) and matches_ref(wanted.elem, given.elem)
            if not same:
                return "a table must hold exactly the wanted type"
            return _why_limits(given.limits, wanted.limits, "entries")
        case DefType(), DefType() if given.comp == wanted.comp:
            return "they are written alike, but their rec groups or supertypes differ"
    return _USUAL.get(type(wanted))


def _why_limits(given: Limits, wanted: Limits, things: str) -> str:
    if given.min < wanted.min:
        things = things if given.min != 1 else "entry" if things == "entries" else things[:-1]
        return f"it has {given.min} {things} now; at least {wanted.min} are wanted"
    if given.max is None:
        return f"it may grow without limit; a maximum of at most {wanted.max} {things} is wanted"
    return f"it may grow to {given.max} {things}; a maximum of at most {wanted.max} is wanted"


def _article(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


# ------------------------------------------------------------------ side by side

_WIDTH = 100
_TOKEN = re.compile(r"[()]|[^\s()]+")


def side_by_side(wanted: str, given: str, labels: tuple[str, str] = ("wanted", "given ")) -> str:
    """Two types one above the other, with carets under what differs.

    >>> print(side_by_side("(memory 2)", "(memory 1)"))
      wanted (memory 2)
      given  (memory 1)
                     ^
    """
    lines = []
    for label, text, part in zip(labels, (wanted, given), _parts(wanted, given), strict=True):
        text, start, stop = _cut(text, *part)
        lines.append(f"  {label} {text}")
        if stop > start:
            gap = 3 + len(label) + columns(text[:start])
            lines.append(" " * gap + "^" * columns(text[start:stop]))
    if len(lines) == 4:
        del lines[1]
    return "\n".join(lines)


def _parts(wanted: str, given: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """The part of each that differs from the other; it may be empty in one."""
    a = [m.span() for m in _TOKEN.finditer(wanted)]
    b = [m.span() for m in _TOKEN.finditer(given)]
    words = [wanted[i:j] for i, j in a], [given[i:j] for i, j in b]
    least = min(len(a), len(b))
    front = next((i for i in range(least) if words[0][i] != words[1][i]), least)
    rest = least - front
    back = next((i for i in range(rest) if words[0][-1 - i] != words[1][-1 - i]), rest)

    def part(spans: list[tuple[int, int]]) -> tuple[int, int]:
        if len(spans) > front + back:
            return spans[front][0], spans[-1 - back][1]
        place = spans[front - 1][1] if front else 0
        return place, place

    return part(a), part(b)


def _cut(text: str, first: int, last: int) -> tuple[str, int, int]:
    """The neighbourhood of a part, if the whole is long; and where the part is in it."""
    if len(text) <= _WIDTH:
        return text, first, last
    begin = max(0, min(first - _WIDTH // 3, len(text) - _WIDTH))
    end = begin + _WIDTH
    front, back = "… " if begin else "", " …" if end < len(text) else ""
    moved = len(front) - begin
    return f"{front}{text[begin:end]}{back}", first + moved, min(last, end) + moved
