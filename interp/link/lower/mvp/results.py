"""Functions and blocks with one result; what else they give goes through globals and locals.

    (func (result i32 i64) …)     (func (result i32) … global.set $result_1_i64)
    call $f                       call $f  global.get $result_1_i64
    (loop (param i32) … br 0)     local.set $p  (loop local.get $p … local.set $p  br 0)

Whatever is set is read at once: behind a call, at the start of a loop, behind a block. So one local
for each place and type will do in a function, and one global for each in the module.
"""

from __future__ import annotations

from dataclasses import dataclass

from watloom.interp.core.instr import Expr, Instr
from watloom.interp.core.module import Func, FuncDesc, Local
from watloom.interp.core.types import I32, FuncType, NumType, ValType
from watloom.interp.link.lower.mvp.build import Build, op

__all__ = ["lower_results"]

_BLOCKS = ("block", "loop", "if")


def lower_results(build: Build) -> None:
    """All functions and types of the module."""
    types = list(build.types)
    funcs = list(build.module.funcs)
    by_func = [types[func.typeidx] for func in funcs]
    imports = [types[i.desc.typeidx] for i in build.module.imports if isinstance(i.desc, FuncDesc)]
    called = [*imports, *by_func]
    for func, t in zip(funcs, by_func, strict=True):
        _Body(build, func, t, types, called).run()
    _drop_types(build, types)


def _drop_types(build: Build, types: list[FuncType]) -> None:
    """Only types with one result at most stay, and those that came for others."""
    build.types = {}
    new = [build.type(_single(t)) for t in types]
    for func in build.module.funcs:
        func.typeidx = new[func.typeidx]
        for instr in func.body:
            if instr.op.mnemonic == "call_indirect":
                instr.args = (new[instr.args[0]], instr.args[1])
    for imported in build.module.imports:
        if isinstance(imported.desc, FuncDesc):
            imported.desc = FuncDesc(new[imported.desc.typeidx])
    build.define_types()


def _single(t: FuncType) -> FuncType:
    return FuncType(t.params, t.results[:1])


@dataclass
class _Label:
    """An open block: what it takes and gives; `open_if` as long as no else came."""

    kind: str
    params: tuple[NumType, ...]
    results: tuple[NumType, ...]
    open_if: bool = False

    @property
    def taken(self) -> tuple[NumType, ...]:
        return self.params if self.kind == "loop" else self.results


class _Body:
    def __init__(
        self, build: Build, func: Func, t: FuncType, types: list[FuncType], called: list[FuncType]
    ) -> None:
        self.build, self.func, self.type = build, func, t
        self.types, self.called = types, called
        self.results = _numbers(t.results)
        self.locals: dict[tuple[int, NumType], int] = {}
        self.first = len(t.params) + len(func.locals)
        self.labels: list[_Label] = []
        self.spills = False

    def run(self) -> None:
        func = self.func
        blocks = [i.args[0] for i in func.body if i.op.mnemonic in _BLOCKS]
        many = any(isinstance(block, int) for block in blocks)
        leaves = self._leaves()
        self.spills = many or (leaves and len(self.results) > 1)
        wrapped = self.spills and leaves and bool(self.results)
        self.labels = [_Label("block" if wrapped else "func", (), self.results)]
        body: Expr = [op("block", None)] if wrapped else []
        for instr in func.body:
            body += self._instr(instr)
        if wrapped:
            body += [*self._set(self.results), op("end"), *self._get(self.results)]
        body += self._give()
        func.body = body
        func.locals = [*func.locals, *(Local(t) for _, t in self.locals)]

    def _leaves(self) -> bool:
        """Whether a branch leads out of the function."""
        depth = 0
        for instr in self.func.body:
            mnemonic, args = instr.op.mnemonic, instr.args
            if mnemonic in _BLOCKS:
                depth += 1
            elif mnemonic == "end":
                depth -= 1
            elif (mnemonic in ("br", "br_if") and args[0] == depth) or (
                mnemonic == "br_table" and depth in args[0]
            ):
                return True
        return False

    # -------------------------------------------------------------- where values go

    def _local(self, number: int, t: NumType) -> int:
        return self.locals.setdefault((number, t), self.first + len(self.locals))

    def _set(self, types: tuple[NumType, ...]) -> Expr:
        """Takes values from the stack."""
        pairs = reversed(list(enumerate(types)))
        return [op("local.set", self._local(number, t)) for number, t in pairs]

    def _get(self, types: tuple[NumType, ...]) -> Expr:
        """Puts them back."""
        return [op("local.get", self._local(number, t)) for number, t in enumerate(types)]

    def _kept(self, types: tuple[NumType, ...], code: Expr) -> Expr:
        """Code with a condition on top of values that it may leave where they are."""
        if not types:
            return code
        top = self._local(len(types), I32)
        return [
            op("local.set", top), *self._set(types), *self._get(types), op("local.get", top), *code,
        ]  # fmt: skip

    def _result(self, number: int, t: NumType) -> int:
        return self.build.global_(("result", number, t), t, name=f"result_{number}_{t}")

    def _give(self) -> Expr:
        """All but the first result go into globals."""
        rest = list(enumerate(self.results))[:0:-1]
        return [op("global.set", self._result(number, t)) for number, t in rest]

    def _take(self, t: FuncType) -> Expr:
        rest = list(enumerate(_numbers(t.results)))[1:]
        return [op("global.get", self._result(number, t)) for number, t in rest]

    # -------------------------------------------------------------- instructions

    def _instr(self, instr: Instr) -> Expr:
        mnemonic, args = instr.op.mnemonic, instr.args
        match mnemonic:
            case "call":
                return [instr, *self._take(self.called[args[0]])]
            case "call_indirect":
                return [Instr(instr.op, args, instr.at), *self._take(self.types[args[0]])]
            case "return":
                return [*self._give(), instr]
            case "block" | "loop" | "if":
                return self._enter(instr)
            case "else":
                return self._otherwise(instr)
            case "end":
                return self._leave(instr)
        if not self.spills:
            return [instr]
        match mnemonic:
            case "br":
                return [*self._set(self._taken(args[0])), instr]
            case "br_if":
                return self._kept(self._taken(args[0]), [instr])
            case "br_table":
                return self._kept(self._taken(args[0][-1]), [instr])
        return [instr]

    def _taken(self, label: int) -> tuple[NumType, ...]:
        return self.labels[-1 - label].taken

    def _enter(self, instr: Instr) -> Expr:
        kind, block = instr.op.mnemonic, instr.args[0]
        if isinstance(block, int):
            t = self.types[block]
            params, results = _numbers(t.params), _numbers(t.results)
        else:
            params, results = (), () if block is None else (block,)
        self.labels.append(_Label(kind, params, results, kind == "if"))
        if not self.spills:
            return [instr]
        plain = Instr(instr.op, (None,), instr.at)
        if not params:
            return [plain]
        if kind == "if":
            top = self._local(len(params), I32)
            take = [op("local.set", top), *self._set(params), op("local.get", top)]
        else:
            take = self._set(params)
        return [*take, plain, *self._get(params)]

    def _otherwise(self, instr: Instr) -> Expr:
        label = self.labels[-1]
        label.open_if = False
        if not self.spills:
            return [instr]
        return [*self._set(label.results), instr, *self._get(label.params)]

    def _leave(self, instr: Instr) -> Expr:
        label = self.labels.pop()
        if not self.spills:
            return [instr]
        code = self._set(label.results)
        if label.open_if and label.params:  # without else, the parameters are the results
            code += [op("else"), *self._get(label.params), *self._set(label.results)]
        return [*code, instr, *self._get(label.results)]


def _numbers(types: tuple[ValType, ...]) -> tuple[NumType, ...]:
    assert all(isinstance(t, NumType) for t in types)
    return types  # type: ignore[return-value]
