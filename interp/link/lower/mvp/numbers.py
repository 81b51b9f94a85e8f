"""Number instructions that came after the first release, in those that it has.

i32.extend8_s                 i32.const 24  i32.shl  i32.const 24  i32.shr_s
i32.trunc_sat_f64_u           call $i32_trunc_sat_f64_u
"""

from __future__ import annotations

from watloom.interp.core.instr import Expr, Instr
from watloom.interp.link.lower.mvp.build import Build, op

__all__ = ["EXTENSIONS", "lower_numbers"]

#: The bits that each takes.
EXTENSIONS = {
    "i32.extend8_s": 8, "i32.extend16_s": 16,
    "i64.extend8_s": 8, "i64.extend16_s": 16, "i64.extend32_s": 32,
}  # fmt: skip


def lower_numbers(build: Build) -> None:
    """All functions of the module."""
    for func in list(build.module.funcs):
        func.body = [new for instr in func.body for new in _instr(build, instr)]


def _instr(build: Build, instr: Instr) -> Expr:
    mnemonic = instr.op.mnemonic
    if mnemonic in EXTENSIONS:
        t = mnemonic[:3]
        shift = op(f"{t}.const", int(t[1:]) - EXTENSIONS[mnemonic])
        return [shift, op(f"{t}.shl"), shift, op(f"{t}.shr_s")]
    if "trunc_sat" in mnemonic:
        return [build.call(mnemonic.replace(".", "_"))]
    return [instr]
