"""Code of the tree: the methods for its rules in `wat.lark`.

Code does not travel up through the values of the rules: instructions are appended to `code` in the
order in which they run, and whoever owns a body takes what has gathered. So nesting costs nothing.
"""

from __future__ import annotations

from watloom.interp.core.features import Features
from watloom.interp.core.source import Source, Span
from watloom.parser import ast, messages
from watloom.parser.ast import Token
from watloom.parser.build_types import EMPTY_USE, TypeBuilder, Values

__all__ = ["CodeBuilder"]


class CodeBuilder(TypeBuilder):
    """The methods for instructions; `pending` are the folded `if` that wait for their `then`."""

    def __init__(self, source: Source, features: Features) -> None:
        super().__init__(source, features)
        self.code: ast.Code = []
        self.pending: list[ast.BlockNode] = []

    def body(self, v: Values) -> ast.Code:
        """All code since the last body."""
        code, self.code = self.code, []
        return code

    def flat(self, v: Values) -> None:
        self.code.append(v[1])

    def folded(self, v: Values) -> None:
        self.code.append(v[1])

    def open_block(self, v: Values) -> Token:
        (word, at), label, use = v
        self.code.append(ast.BlockNode(word, at, label, use))
        token: Token = v[0]
        return token

    def close(self, v: Values) -> None:
        self.code.append(ast.EndNode(v[-2][1], v[-1]))

    def turn(self, v: Values) -> None:
        (_, at), label = v
        self.code.append(ast.ElseNode(at, label))

    def handled(self, v: Values) -> Token:
        token: Token = v[0]
        return token

    def turn_catch(self, v: Values) -> Token:
        (word, at), tag = v
        self.code.append(ast.PlainNode(word.lstrip("("), at, [tag]))
        token: Token = v[0]
        return token

    def turn_all(self, v: Values) -> Token:
        word, at = v[0]
        self.code.append(ast.PlainNode(word.lstrip("("), at, []))
        return word, at

    def delegate(self, v: Values) -> None:
        (word, at), label = v[-2:]
        self.code.append(ast.PlainNode(word, at, [label]))

    def fold_do(self, v: Values) -> Token:
        (_, opened), (word, at), label, use, _ = v
        self.code.append(ast.BlockNode(word, at, label, use))
        return f"({word}", opened

    def fold_handled(self, v: Values) -> Token:
        token: Token = v[0]
        return token

    def fold_delegate(self, v: Values) -> None:
        (_, at), label = v[3:5]
        self.code.append(ast.PlainNode("delegate", at, [label]))

    def fold_block(self, v: Values) -> Token:
        (_, opened), (word, at), label, use = v
        self.code.append(ast.BlockNode(word, at, label, use))
        return f"({word}", opened

    def open_try(self, v: Values) -> Token:
        (word, at), label, use, catches = v
        self.code.append(ast.BlockNode(word, at, label, use, catches or ()))
        token: Token = v[0]
        return token

    def fold_try(self, v: Values) -> Token:
        (_, opened), (word, at), label, use, catches = v
        self.code.append(ast.BlockNode(word, at, label, use, catches or ()))
        return f"({word}", opened

    def open_let(self, v: Values) -> Token:
        (word, at), label, use, locals_ = v
        self.code.append(ast.BlockNode(word, at, label, use, (), locals_ or ()))
        token: Token = v[0]
        return token

    def fold_let(self, v: Values) -> Token:
        word, _ = self.open_let(v[1:])
        return f"({word}", v[0][1]

    def catch(self, v: Values) -> ast.CatchNode:
        (word, at), tag, label, _ = v
        return ast.CatchNode(word[1:], at, tag, label)

    def catch_all(self, v: Values) -> ast.CatchNode:
        (word, at), label, _ = v
        return ast.CatchNode(word[1:], at, None, label)

    def fold_if(self, v: Values) -> Token:
        (_, opened), (word, at), label, use = v
        self.pending.append(ast.BlockNode(word, at, label, use))
        return f"({word}", opened

    def fold_then(self, v: Values) -> Token:
        self.code.append(self.pending.pop())
        token: Token = v[0]
        return token

    def fold_else(self, v: Values) -> Token:
        token: Token = v[0]
        self.code.append(ast.ElseNode(token[1], None))
        return token

    def fold_close(self, v: Values) -> None:
        self.code.append(ast.EndNode(v[-1][1], None))

    def plain(self, v: Values) -> ast.PlainNode:
        word, at = v[0]
        del v[0]
        return ast.PlainNode(word, at, v)

    def plain_typeidx(self, v: Values) -> ast.PlainNode:
        (word, at), index = v
        return ast.PlainNode(word, at, [ast.TypeUseNode(index, [], [], None, False)])

    def plain_typeuse(self, v: Values) -> ast.PlainNode:
        """`func.bind (type $t)`, or with parameters and results in place."""
        (word, at), use = v
        if use is EMPTY_USE and not self.features.legacy:
            raise messages.missing_typeuse(Span(at, at + len(word)), self.source, word=word)
        return ast.PlainNode(word, at, [use])
