"""From text to the module IR: lexer and automaton, tree, resolver.

The tree is made by a method for each rule of `wat.lark`: the rule's name, or the one behind `->`,
in `build_types`, `build_code` and `build_module`.
"""

from __future__ import annotations

from watloom.interp.core.errors import Note
from watloom.interp.core.features import Features
from watloom.interp.core.module import Module
from watloom.interp.core.source import Source
from watloom.parser import ast
from watloom.parser.build_module import ModuleBuilder
from watloom.parser.driver import collector_at_rest, run
from watloom.parser.lexer import Lexer
from watloom.parser.resolve import resolve

__all__ = ["parse_module", "parse_tree"]


def parse_module(source: Source, features: Features) -> Module:
    """The module that a text holds: `(module …)`, or its fields alone.

    Raises MalformedError for what is not in the format, UnbuiltError where a feature is not built.
    """
    with collector_at_rest():
        tree, warnings = parse_tree(source, features)
        return resolve(tree, source, features, warnings)


def parse_tree(source: Source, features: Features) -> tuple[ast.ModuleNode, list[Note]]:
    """The tree of a module, and warnings (legacy dialect)."""
    builder = ModuleBuilder(source, features)
    lexer = Lexer(source, features)
    tree: ast.ModuleNode = run(builder, lexer, "module")
    if lexer.annotations:
        tree.noted = ast.Noted(lexer.annotations, lexer.text, 0)
    return tree, builder.warnings
