"""The text format as nested lists, for printing it readably and for taking it apart."""

from __future__ import annotations

import re
from typing import TypeAlias

__all__ = ["Node", "parse", "pretty"]

Node: TypeAlias = "str | list[Node]"

_TOKEN = re.compile(r'\(;.*?;\)|;;[^\n]*|"(?:[^"\\]|\\.)*"|[()]|[^\s()";]+', re.DOTALL)
_WIDTH = 96


def parse(text: str) -> Node:
    """The first parenthesised thing of a text, without comments; ValueError if it is not closed.

    >>> parse('(module (data "a(b")) ;; nothing')
    ['module', ['data', '"a(b"']]
    """
    stack: list[list[Node]] = [[]]
    for token in _TOKEN.findall(text):
        if token == "(":
            stack.append([])
        elif token == ")":
            done = stack.pop()
            stack[-1].append(done)
            if len(stack) == 1:
                return done
        elif not token.startswith((";;", "(;")):
            stack[-1].append(token)
    raise ValueError("the text has no whole expression")


def pretty(node: Node, indent: int = 0) -> str:
    """The text, broken where a line would be too long.

    >>> print(pretty(parse("(a   (b c) d)")))
    (a (b c) d)
    """
    flat = _flat(node)
    if isinstance(node, str) or len(flat) + indent <= _WIDTH:
        return flat
    head: list[str] = []
    rest = list(node)
    while rest and isinstance(rest[0], str):
        head.append(str(rest.pop(0)))
    while rest and not isinstance(rest[0], str) and rest[0] and rest[0][0] in _BESIDE:
        head.append(_flat(rest.pop(0)))
    lines = [" ".join(head)]
    lines += [" " * (indent + 2) + pretty(child, indent + 2) for child in rest]
    return "(" + "\n".join(lines) + ")"


#: What stays on the line of what it belongs to.
_BESIDE = ("export", "import", "type", "param", "result", "local", "mut")


def _flat(node: Node) -> str:
    return node if isinstance(node, str) else f"({' '.join(map(_flat, node))})"
