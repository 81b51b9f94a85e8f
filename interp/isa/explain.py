"""What `watloom explain` says of an instruction, all of it from its declaration.

    i32.add        syntax, opcode, typing, meaning, the spec's rule, and an example:
                   (i32.add (i32.const 7) (i32.const 3)) => i32 10

An example is code, ` => `, and what it gives: values as `i32 10, i64 -1`, `nothing`, `trap …` or
`exception`. Code that begins with `(module` is a whole module that exports "example"; other code is
the body of such a function, in a module with what the code names (`_PIECES`). Instructions with a
signature, and those that load or store, have examples made for them (`isa.examples`).
"""

from __future__ import annotations

import re

from watloom.interp.core.dataclass import dataclass
from watloom.interp.core.features import PROPOSALS, Features
from watloom.interp.core.instr import Immediate, Op
from watloom.interp.isa import ALL
from watloom.interp.isa.examples import CONTENT, made_for
from watloom.interp.isa.proposal import Proposal
from watloom.interp.isa.spec_rules import SpecRule, spec_rule

__all__ = ["Explanation", "explain", "mnemonics"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """An instruction, explained; `proposal` is what has to be switched on for it."""

    mnemonic: str
    syntax: tuple[str, ...]
    opcodes: tuple[bytes, ...]
    typing: str
    meaning: tuple[str, ...]
    rule: SpecRule
    code: str
    gives: str
    proposal: str | None

    @property
    def features(self) -> Features:
        """What the example runs under."""
        return Features(frozenset({self.proposal} if self.proposal else ()))

    @property
    def module(self) -> str:
        """The example as a module that exports "example"."""
        return self.code if self.code.startswith("(module") else _in_module(self.code, self.gives)


def mnemonics() -> list[str]:
    """All that can be explained."""
    return list(dict.fromkeys(op.mnemonic for proposal in ALL for op in proposal.ops))


def explain(mnemonic: str) -> Explanation:
    """The explanation of an instruction; KeyError for a name that none has."""
    found = [(p, op) for p in ALL for op in p.ops if op.mnemonic == mnemonic]
    if not found:
        raise KeyError(mnemonic)
    proposal, ops = found[0][0], [op for _, op in found]
    typing, example = told_of(proposal, ops)
    code, gives = example.split(" => ")
    return Explanation(
        mnemonic,
        tuple(dict.fromkeys(map(_syntax, ops))),
        tuple(map(_opcode, ops)),
        typing + _addresses(typing),
        tuple(dict.fromkeys(" ".join(op.doc.split()) for op in ops)),
        SpecRule(mnemonic, proposal.url) if proposal.url else spec_rule(mnemonic),
        code,
        gives,
        proposal.name if proposal.name in PROPOSALS else None,
    )


def told_of(proposal: Proposal, ops: list[Op]) -> tuple[str, str]:
    """Typing and example, as declared or made. Raises ValueError where something is missing."""
    mnemonic = ops[0].mnemonic
    told = proposal.told.get(mnemonic)
    made = told or made_for(ops[0])
    if made is None:
        raise ValueError(
            f"{mnemonic} cannot be explained: give its typing and an example with "
            f'PROPOSAL.explain({{"{mnemonic}": ("[…] -> […]", "(…) => i32 1")}})'
        )
    return made


def _addresses(typing: str) -> str:
    """What `at` means in a typing, where that has it."""
    signature = typing[: typing.rindex("]")]
    if "at3" in signature:  # Instr_ok/table.copy, Instr_ok/memory.copy
        return "; at1 and at2 are the address types, at3 the narrower one"
    return "; at is the address type, i32 or i64" if re.search(r"\bat\b", signature) else ""


# ------------------------------------------------------------------ syntax and opcode

#: Immediates that are not written as their name.
_WRITTEN = {
    "memarg": "memidx? offset=u64? align=u64?",
    "blocktype": "label? blocktype",
    "typeuse": "typeuse",
    "castlabel": "labelidx reftype reftype",
    "labelidx*": "labelidx* labelidx",
    "outer labelidx": "labelidx",
    "valtype*": "(result valtype*)",
    "local*": "(local valtype*)*",
    "ordering": "",
}
_BEHIND = {
    **dict.fromkeys(("block", "loop", "try_table", "let"), "instr* end"),
    "if": "instr* (else instr*)? end",
    "try": "instr* (catch tagidx instr*)* (catch_all instr*)? end",
}


def _syntax(op: Op) -> str:
    if "null" in op.data:
        words = ["(ref null heaptype)" if op.data["null"] else "(ref heaptype)"]
    else:
        words = [_word(immediate) for immediate in op.immediates]
        if len(words) == 2 and op.immediates[1].optional:  # the table or memory stands first
            words.reverse()
    return " ".join(w for w in (op.mnemonic, *words, _BEHIND.get(op.mnemonic, "")) if w)


def _word(immediate: Immediate) -> str:
    word = _WRITTEN.get(immediate.name, immediate.name)
    return f"{word}?" if immediate.optional else word


def _opcode(op: Op) -> bytes:
    """The bytes that an instruction begins with."""
    found = bytearray(op.opcode[:1])
    for number in op.opcode[1:]:
        while number > 0x7F:
            found.append(number & 0x7F | 0x80)
            number >>= 7
        found.append(number)
    return bytes(found)


# ------------------------------------------------------------------ examples as modules

#: What an example may name, and how it is defined. A name in a definition is needed as well.
_PIECES: dict[str, str] = {
    "$pair": "(type $pair (struct (field $x (mut i32)) (field $y (mut i8))))",
    "$bytes": "(type $bytes (array (mut i8)))",
    "$numbers": "(type $numbers (array (mut i32)))",
    "$funcs": "(type $funcs (array (mut funcref)))",
    "$unary": "(type $unary (func (param i32) (result i32)))",
    "$nullary": "(type $nullary (func (result i32)))",
    "$oops": "(tag $oops (param i32))",
    "$memory": "(memory $memory 1)",
    "$table": "(table $table 4 funcref)",
    "$global": "(global $global (mut i32) (i32.const 5))",
    "$hello": '(data $hello "hello")',
    "$elems": "(elem $elems func $double $double)",
    "$double": "(func $double (type $unary) (i32.mul (local.get 0) (i32.const 2)))",
}
_MEMORY = re.compile(r"\b(load|store|memory\.|atomic\.)")


def _in_module(code: str, gives: str) -> str:
    names = set(re.findall(r"\$\w+", code))
    if _MEMORY.search(code):
        names.add("$memory")
    while (
        more := {n for p in names & _PIECES.keys() for n in re.findall(r"\$\w+", _PIECES[p])}
        - names
    ):
        names |= more
    fields = [text for name, text in _PIECES.items() if name in names]
    if "ref.func" in code:
        fields.append("(elem declare func $double)")
    if _SEEN.search(code):
        fields.append(f'(data (i32.const 0) "{_CONTENT}")')
    results = [value.split()[0] for value in gives.split(", ")] if gives[0] in "ifv" else []
    result = f" (result {' '.join(results)})" if results else ""
    local = " (local $x i32)" if "$x" in names and "local." in code else ""
    fields.append(f'(func (export "example"){result}{local}\n    {code})')
    return "(module\n  " + "\n  ".join(fields) + ")"


_CONTENT = "".join(f"\\{byte:02x}" for byte in CONTENT)
_SEEN = re.compile(r"\.load[^ ]* [^)]*\(i32\.const (4|16|24)\)")
