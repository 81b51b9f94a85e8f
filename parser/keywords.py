"""Which word has which terminal of `wat.lark`, under given features.

Mnemonics come from the instruction table; everything else is listed here.
"""

from __future__ import annotations

import re
from functools import lru_cache

from watloom.interp.core.features import PROPOSALS, Features
from watloom.interp.core.instr import Op
from watloom.interp.isa import op_table
from watloom.interp.isa.immediates import shape_of
from watloom.parser.vectors import LANE_BITS

__all__ = [
    "LINKING", "OBSOLETE_TYPES", "PROPOSED", "SCRIPT", "STRUCTURE", "WORDS", "obsolete_mnemonics",
    "proposal_of", "unbuilt_feature", "vocabulary",
]  # fmt: skip

#: Words that open a construct: "(func" is one token.
STRUCTURE = [
    "module", "type", "rec", "sub", "struct", "array", "field", "mut", "ref", "func", "param",
    "result", "local", "table", "memory", "global", "elem", "data", "item", "offset", "start",
    "import", "export", "then", "else", "tag", "catch", "catch_ref", "catch_all", "catch_all_ref",
]  # fmt: skip

#: The same for module linking.
LINKING = ["alias", "instance", "instantiate"]

#: The same of proposals: the word, and the proposal that brings it.
PROPOSED = {
    "pagesize": "custom-page-sizes", "do": "legacy-exceptions", "delegate": "legacy-exceptions",
}  # fmt: skip

#: The same in test scripts, with their terminals.
SCRIPT = {
    "invoke": "LP_INVOKE", "get": "LP_GET", "register": "LP_REGISTER", "either": "LP_EITHER",
    "assert_malformed": "LP_ASSERT_MODULE", "assert_invalid": "LP_ASSERT_MODULE",
    "assert_malformed_custom": "LP_ASSERT_MODULE", "assert_invalid_custom": "LP_ASSERT_MODULE",
    "assert_unlinkable": "LP_ASSERT_UNLINKABLE", "assert_trap": "LP_ASSERT_TRAP",
    "assert_return": "LP_ASSERT_RETURN", "assert_exception": "LP_ASSERT_EXCEPTION",
    "assert_exhaustion": "LP_ASSERT_EXHAUSTION",
    "thread": "LP_THREAD", "wait": "LP_WAIT",
    "script": "LP_SCRIPT", "input": "LP_INPUT", "output": "LP_OUTPUT",
}  # fmt: skip

#: Words that stand without a parenthesis of their own.
WORDS = {
    ")": "RPAR", "(": "LPAR",
    "func": "FUNC", "struct": "STRUCT", "array": "ARRAY",
    **dict.fromkeys(("any", "none", "eq", "i31", "nofunc", "extern", "noextern"), "HEAPWORD"),
    "exn": "HEAPWORD", "noexn": "HEAPWORD", "exnref": "REFWORD", "nullexnref": "REFWORD",
    **dict.fromkeys(("anyref", "nullref", "eqref", "i31ref", "structref", "arrayref"), "REFWORD"),
    **dict.fromkeys(("funcref", "nullfuncref", "externref", "nullexternref"), "REFWORD"),
    "i32": "ITYPE", "i64": "ITYPE", "f32": "FTYPE", "f64": "FTYPE",
    "v128": "VTYPE", **dict.fromkeys(LANE_BITS, "SHAPE"),
    "i8": "PACKTYPE", "i16": "PACKTYPE",
    "null": "NULL", "final": "FINAL", "declare": "DECLARE",
    "nan:canonical": "NANPAT", "nan:arithmetic": "NANPAT",
}  # fmt: skip

_SCRIPT_WORDS = {
    "definition": "DEFINITION", "instance": "INSTANCE", "binary": "BINARY", "quote": "QUOTE",
    "ref.extern": "REFVALUE", "ref.host": "REFVALUE", "ref.any": "REFPAT",
    "ref.struct": "REFPAT", "ref.array": "REFPAT", "ref.exn": "REFPAT",
}  # fmt: skip

#: Instructions with a terminal of their own.
_OWN = {
    "if": "IF", "else": "ELSE", "end": "END",
    "try": "TRY", "catch": "CATCH", "catch_all": "CATCH_ALL",
}  # fmt: skip

# What is known by name and not built.
_UNBUILT_WORDS = {
    "custom-descriptors": r"exact|descriptor|describes|ref\.get_desc|struct\.new(_default)?_desc"
    r"|ref\.cast_desc_eq|br_on_cast_desc_eq(_fail)?",
}

#: Old spellings of types, and today's.
OBSOLETE_TYPES = {"anyRef": "anyref", "funcRef": "funcref", "anyfunc": "funcref"}

_OBSOLETE = {
    "get_local": "local.get", "set_local": "local.set", "tee_local": "local.tee",
    "get_global": "global.get", "set_global": "global.set",
    "current_memory": "memory.size", "grow_memory": "memory.grow",
    "func.ref": "ref.func", "get_field": "struct.get", "set_field": "struct.set",
}  # fmt: skip

_CONVERSION = re.compile(r"([if]\d\d)\.([a-z]+?)(_sat)?_([if]\d\d)(_[su])?")


@lru_cache(maxsize=1)
def obsolete_mnemonics() -> dict[str, str]:
    """Old spellings of instructions, and today's: `get_local`, `i32.wrap/i64`, ….

    >>> obsolete_mnemonics()["i32.trunc_s:sat/f32"]
    'i32.trunc_sat_f32_s'
    """
    found = dict(_OBSOLETE)
    for mnemonic in op_table(Features(frozenset(PROPOSALS))).by_mnemonic:
        parts = _CONVERSION.fullmatch(mnemonic)
        if parts:
            to, verb, sat, source, sign = (part or "" for part in parts.groups())
            found[f"{to}.{verb}{sign}{':sat' if sat else ''}/{source}"] = mnemonic
    return found


def _terminal(mnemonic: str, ops: tuple[Op, ...], features: Features) -> str:
    if mnemonic in _OWN:
        return _OWN[mnemonic]
    if features.legacy and mnemonic in ("call_ref", "return_call_ref"):
        return "OP_TYPE_OPT"
    return max(shape_of(op.immediates) for op in ops)  # select: OP_RESULTS rather than OP


@lru_cache(maxsize=16)
def vocabulary(features: Features, script: bool = False) -> dict[str, str]:
    """The terminal of each word; "(" is part of a word that opens a construct.

    Words that only open constructs have the terminal KEYWORD where they stand alone.
    """
    words: dict[str, str] = dict.fromkeys(STRUCTURE, "KEYWORD")
    for word, ops in op_table(features).by_mnemonic.items():
        words[word] = _terminal(word, ops, features)
    words |= WORDS
    words |= {f"({word}": f"LP_{word.upper()}" for word in STRUCTURE}
    if features.has("module-linking"):
        words |= {f"({word}": f"LP_{word.upper()}" for word in LINKING}
        words |= dict.fromkeys(LINKING, "KEYWORD")
        words["outer"] = "OUTER"
    for word, proposal in PROPOSED.items():
        if features.has(proposal):
            words[f"({word}"] = f"LP_{word.upper()}"
            words.setdefault(word, "KEYWORD")
    if features.has("threads"):
        words["shared"] = "SHARED"
    if script:
        words |= dict.fromkeys(SCRIPT, "KEYWORD") | _SCRIPT_WORDS
        words |= {f"({word}": terminal for word, terminal in SCRIPT.items()}
    if features.legacy:
        words |= {old: words[new] for old, new in obsolete_mnemonics().items()}
        words |= dict.fromkeys(OBSOLETE_TYPES, "REFWORD")
    return words


def unbuilt_feature(word: str, features: Features) -> str | None:
    """The feature that a word belongs to, where it is known and not built."""
    for feature, pattern in _UNBUILT_WORDS.items():
        if re.fullmatch(pattern, word):
            return feature
    return None


def proposal_of(word: str) -> str | None:
    """The proposal that brings a word, where it can be switched on."""
    if word == "shared":
        return "threads"
    if word in PROPOSED:
        return PROPOSED[word]
    if word in LINKING or word == "outer":
        return "module-linking"
    ops = op_table(Features(frozenset(PROPOSALS))).by_mnemonic.get(word, ())
    return next((op.proposal for op in ops if op.proposal in PROPOSALS), None)
