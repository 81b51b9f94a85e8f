"""Where the spec says what an instruction does: the name of its rule, and the place in the text.

The names are those of the official SpecTec sources
(https://github.com/WebAssembly/spec/tree/main/specification/wasm-3.0).

    i32.add      Step_pure/binop        #exec-binop
    local.get    Step_read/local.get    #exec-local-get
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["SpecRule", "spec_rule"]

SPEC = "https://webassembly.github.io/spec/core"


class SpecRule(NamedTuple):
    """A rule's name, and its URL."""

    name: str
    url: str


#: Instructions that share a rule: what is matched first counts.
_GROUPS: tuple[tuple[str, str], ...] = (
    # scalars
    (r"[if]\d\d\.eqz", "testop"),
    (r"[if]\d\d\.(eq|ne|[lg][te](_[su])?)", "relop"),
    (r"[if]\d\d\.(clz|ctz|popcnt|extend\d+_s|abs|neg|ceil|floor|trunc|nearest|sqrt)", "unop"),
    (r"[if]\d\d\.(wrap|extend|trunc|trunc_sat|convert|demote|promote|reinterpret)_.*", "cvtop"),
    (r"[if]\d\d\.load", "load-val"),
    (r"[if]\d\d\.load\d+_[su]", "load-pack"),
    (r"[if]\d\d\.store", "store-val"),
    (r"[if]\d\d\.store\d+", "store-pack"),
    (r"[if]\d\d\.\w+", "binop"),
    # vectors
    (r"v128\.not", "vvunop"),
    (r"v128\.(and|andnot|or|xor)", "vvbinop"),
    (r"v128\.bitselect", "vvternop"),
    (r"v128\.any_true", "vvtestop"),
    (r"v128\.load", "vload-val"),
    (r"v128\.load\d+x\d+_[su]", "vload-pack"),
    (r"v128\.load\d+_splat", "vload-splat"),
    (r"v128\.load\d+_zero", "vload-zero"),
    (r"v128\.load\d+_lane", "vload_lane"),
    (r"v128\.store", "vstore"),
    (r"v128\.store\d+_lane", "vstore_lane"),
    (r".*\.all_true", "vtestop"),
    (r".*\.bitmask", "vbitmask"),
    (r".*\.(relaxed_)?swizzle", "vswizzlop"),
    (r".*\.shuffle", "vshuffle"),
    (r".*x\d+\.splat", "vsplat"),
    (r".*\.extract_lane(_[su])?", "vextract_lane"),
    (r".*\.replace_lane", "vreplace_lane"),
    (r".*x\d+\.sh[lr](_[su])?", "vshiftop"),
    (r".*x\d+\.(eq|ne|[lg][te](_[su])?)", "vrelop"),
    (r".*\.extadd_pairwise_.*", "vextunop"),
    (r".*\.relaxed_dot_.*_add_s", "vextternop"),
    (r".*\.(extmul_.*|dot_.*|relaxed_dot_.*)", "vextbinop"),
    (r".*\.narrow_.*", "vnarrow"),
    (r".*\.relaxed_(n?madd|laneselect)", "vternop"),
    (r".*x\d+\.((extend|convert|trunc|trunc_sat|demote|promote|relaxed_trunc)_.*)", "vcvtop"),
    (r".*x\d+\.(abs|neg|sqrt|ceil|floor|trunc|nearest|popcnt)", "vunop"),
    (r"[if]\d+x\d+\.\w+", "vbinop"),
    # a type and its packed forms
    (r"(struct|array|i31)\.get(_[su])?", r"\1.get"),
)

#: Rules that look at the state, and rules that change it; the others do neither.
_READ = re.compile(
    r"block|loop|br_on_cast(_fail)?|call|call_ref|return_call|return_call_ref|throw_ref|try_table"
    r"|local\.get|global\.get|table\.(get|size|fill|copy|init)|memory\.(size|fill|copy|init)"
    r"|v?load.*|ref\.(null|func|test|cast)|struct\.(new_default|get)"
    r"|array\.(new_default|new_data|new_elem|get|len|fill|copy|init_data|init_elem)"
)
_CHANGE = re.compile(
    r"throw|local\.set|global\.set|table\.(set|grow)|elem\.drop|memory\.grow|data\.drop"
    r"|v?store.*|struct\.(new|set)|array\.(new_fixed|set)"
)


def spec_rule(mnemonic: str) -> SpecRule:
    """The rule of an instruction of WebAssembly 3.0.

    >>> spec_rule("i64.lt_u")
    SpecRule(name='Step_pure/relop', url='https://webassembly.github.io/spec/core/exec/instructions.html#exec-relop')
    """
    if mnemonic.endswith(".const"):  # a value, which does not step
        name = "vconst" if mnemonic == "v128.const" else "const"
        return SpecRule(f"Instr_ok/{name}", f"{SPEC}/valid/instructions.html#valid-{name}")
    if mnemonic in ("else", "end"):
        return SpecRule("Step_pure/label-vals", f"{SPEC}/exec/instructions.html#exec-instrs-exit")
    name = next(
        (match.expand(rule) for pattern, rule in _GROUPS
         if (match := re.fullmatch(pattern, mnemonic))),
        mnemonic,
    )  # fmt: skip
    kind = "Step_read" if _READ.fullmatch(name) else "Step" if _CHANGE.fullmatch(name) else ""
    anchor = re.sub(r"[._]", "-", name)
    return SpecRule(f"{kind or 'Step_pure'}/{name}", f"{SPEC}/exec/instructions.html#exec-{anchor}")
