"""Custom sections and branch hints of a text: from annotations to the module IR."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TypeAlias

from watloom.interp.core.module import Custom, Func, Module
from watloom.interp.core.source import Source, Span
from watloom.parser import messages
from watloom.parser.comments import Annotation
from watloom.parser.hints import HINTS
from watloom.parser.resolve.annotations import BARE, Annotations, annotated_name, unexpected
from watloom.parser.sections import FIRST, LAST, TEXT_NAMES, Place, place_of, section_numbers
from watloom.parser.strings import decode_string

__all__ = ["attach"]

_Placed: TypeAlias = tuple[Place, int, Custom]


def attach(annotations: Annotations, modules: list[Module], source: Source) -> None:
    """Give the modules of a text their custom sections and hints.

    Raises MalformedError for what is misplaced or not well formed.
    """
    if not annotations.customs and not annotations.hints:
        return
    by_place = {module.at: module for module in modules}
    if annotations.bare:
        by_place = {BARE if module is modules[0] else at: module for at, module in by_place.items()}
    placed: dict[int, list[_Placed]] = {at: [] for at in by_place}
    for opener, annotation in annotations.customs:
        custom, where = _custom(annotation, source)
        if opener not in by_place:
            raise messages.misplaced_custom(annotation.span, source)
        placed[opener].append((where, annotation.at, custom))
    hinted = _hints(annotations.hints, modules, source)
    for opener, module in by_place.items():
        if id(module) in hinted:
            placed[opener].append(((10, False), hinted[id(module)], Custom(HINTS, b"")))
        module.customs = _in_order(placed[opener], section_numbers(module))


def _in_order(placed: list[_Placed], sections: list[int]) -> list[Custom]:
    """The custom sections in the order of the binary, each with the section that it follows."""
    found = sorted(
        ((place_of(place, sections), at, custom) for place, at, custom in placed),
        key=lambda each: each[:2],
    )
    for (count, *_), _, custom in found:
        custom.after = sections[count - 1] if count else 0
    return [custom for _, _, custom in found]


# ------------------------------------------------------------------ @custom


def _custom(annotation: Annotation, source: Source) -> tuple[Custom, Place]:
    name = annotated_name(annotation, source, messages.custom_name)
    place, here = LAST, 1
    if len(annotation.tokens) > 1 and annotation.tokens[1][0] == "(":
        place, here = _place(annotation, source), 5
    data = []
    for number, (word, at) in enumerate(annotation.tokens[here:], here):
        if word[0] != '"':
            raise unexpected(annotation, number, source)
        data.append(decode_string(word, at, source))
    return Custom(name, b"".join(data)), place


def _place(annotation: Annotation, source: Source) -> Place:
    """The place that is written in parentheses, the tokens 1 to 4."""
    (word, at), (section, section_at) = annotation.tokens[2:4]
    if word not in ("before", "after"):
        raise messages.custom_placement(Span(at, at + len(word)), source)
    place = {("before", "first"): FIRST, ("after", "last"): LAST}.get((word, section))
    if place is None and section in TEXT_NAMES:
        place = (TEXT_NAMES[section], word == "after")
    if place is None:
        span = Span(section_at, section_at + len(section))
        raise messages.custom_section(span, source, known=", ".join(TEXT_NAMES))
    if annotation.tokens[4][0] != ")":
        raise unexpected(annotation, 4, source)
    return place


# ------------------------------------------------------------------ branch hints


def _hints(annotations: list[Annotation], modules: list[Module], source: Source) -> dict[int, int]:
    """Give functions their hints; where the first of each module (by its id) stands."""
    found: dict[int, int] = {}
    if not annotations:
        return found
    funcs = [(f.at, i, f, module) for module in modules for i, f in enumerate(module.funcs)]
    funcs.sort(key=lambda each: each[0])
    starts = [at for at, *_ in funcs]
    targets: dict[int, list[tuple[int, int]]] = {}
    firsts = {id(module): module.first_func for module in modules}
    for annotation in annotations:
        likely = _likely(annotation, source)
        nearest = bisect_right(starts, annotation.at) - 1
        if nearest < 0 or annotation.at > funcs[nearest][2].end:
            raise messages.hint_outside(annotation.span, source)
        _, number, func, module = funcs[nearest]
        if nearest not in targets:
            targets[nearest] = _targets(func)
        behind = bisect_left(targets[nearest], (annotation.end, 0))
        if behind == len(func.body):
            raise messages.hint_placement(annotation.span, source)
        target = targets[nearest][behind][1]
        hints = module.hints.setdefault(firsts[id(module)] + number, {})
        if target in hints:
            raise messages.hint_duplicate(annotation.span, source)
        hints[target] = likely
        found.setdefault(id(module), annotation.at)
    return found


def _likely(annotation: Annotation, source: Source) -> bool:
    value = b""
    for number, (word, at) in enumerate(annotation.tokens):
        if word[0] != '"':
            raise unexpected(annotation, number, source)
        value += decode_string(word, at, source)
    if value not in (b"\0", b"\1"):
        raise messages.hint_value(annotation.span, source)
    return value == b"\1"


def _targets(func: Func) -> list[tuple[int, int]]:
    """The offsets of the instructions of a function, in order, with their numbers."""
    return sorted((instr.at, number) for number, instr in enumerate(func.body))
