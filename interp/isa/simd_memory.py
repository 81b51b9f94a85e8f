"""Loads and stores of vectors
(https://webassembly.github.io/spec/core/exec/instructions.html#memory-instructions).

`Op.data["access"]` says how many bytes go, as for every load and store.
"""

from __future__ import annotations

from collections.abc import Callable

from watloom.interp.core.instr import MemArg
from watloom.interp.core.numerics import simd
from watloom.interp.core.types import V128
from watloom.interp.isa.immediates import LANEIDX, MEMARG
from watloom.interp.isa.memory import Access, check_address
from watloom.interp.isa.proposal import Proposal
from watloom.interp.isa.protocols import Checker, Machine
from watloom.interp.isa.simd import PREFIX, check_lane

__all__ = ["PROPOSAL"]

PROPOSAL = Proposal("simd")


def _access(mnemonic: str, opcode: int, size: int) -> Access:
    return Access(mnemonic=mnemonic, opcode=opcode, type=V128, size=size)


def _declare_load(
    mnemonic: str, opcode: int, size: int, doc: str, meaning: Callable[[bytes], int]
) -> None:
    """`meaning` makes the vector from the bytes loaded."""

    @PROPOSAL.op(
        mnemonic, (PREFIX, opcode), MEMARG, access=_access(mnemonic, opcode, size), meaning=meaning
    )
    class Load:
        __doc__ = doc

        def check(c: Checker, memarg: MemArg) -> None:
            c.pop(check_address(c, memarg, size))
            c.push(V128)

        def step(m: Machine, memarg: MemArg) -> None:
            m.push(meaning(m.load_bytes(memarg, m.pop(), size)))


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _extended(n: int, *, signed: bool) -> Callable[[bytes], int]:
    """Eight bytes as lanes of N bits, each made twice as wide."""
    size = n // 8

    def meaning(data: bytes) -> int:
        parts = [data[i : i + size] for i in range(0, 8, size)]
        return simd.wrap(2 * n, [int.from_bytes(p, "little", signed=signed) for p in parts])

    return meaning


def _splatted(n: int) -> Callable[[bytes], int]:
    return lambda data: simd.splat(n, _number(data))


_declare_load("v128.load", 0, 16, "Load 16 bytes.", _number)

for _i, (_n, _wide) in enumerate(((8, "8x8"), (16, "16x4"), (32, "32x2"))):
    for _j, _sign in enumerate(("s", "u")):
        _declare_load(
            f"v128.load{_wide}_{_sign}",
            1 + 2 * _i + _j,
            8,
            f"Load 8 bytes as {'' if _sign == 's' else 'un'}signed {_n}-bit lanes, "
            "each made twice as wide.",
            _extended(_n, signed=_sign == "s"),
        )

for _i, _n in enumerate((8, 16, 32, 64)):
    _declare_load(
        f"v128.load{_n}_splat",
        7 + _i,
        _n // 8,
        f"Load {_n} bits into every lane.",
        _splatted(_n),
    )

for _n, _opcode in ((32, 92), (64, 93)):
    _declare_load(
        f"v128.load{_n}_zero",
        _opcode,
        _n // 8,
        f"Load {_n} bits into the lowest lane, zeros above.",
        _number,
    )


@PROPOSAL.op("v128.store", (PREFIX, 11), MEMARG, access=_access("v128.store", 11, 16))
class Store:
    """Store 16 bytes."""

    def check(c: Checker, memarg: MemArg) -> None:
        address = check_address(c, memarg, 16)
        c.pop(V128)
        c.pop(address)

    def step(m: Machine, memarg: MemArg) -> None:
        value, address = m.pop(), m.pop()
        m.store_bytes(memarg, address, value.to_bytes(16, "little"))


# ------------------------------------------------------------------ one lane


def _declare_lane(n: int, load: int, store: int) -> None:
    size, count = n // 8, 128 // n

    def check_operands(c: Checker, memarg: MemArg, lane: int) -> None:
        address = check_address(c, memarg, size)
        check_lane(c, lane, count)
        c.pop(V128)
        c.pop(address)

    loaded, stored = f"v128.load{n}_lane", f"v128.store{n}_lane"

    @PROPOSAL.op(
        loaded, (PREFIX, load), MEMARG, LANEIDX, access=_access(loaded, load, size), width=n
    )
    class LoadLane:
        __doc__ = f"Load {n} bits into one lane of a vector."

        def check(c: Checker, memarg: MemArg, lane: int) -> None:
            check_operands(c, memarg, lane)
            c.push(V128)

        def step(m: Machine, memarg: MemArg, lane: int) -> None:
            value, address = m.pop(), m.pop()
            m.push(simd.replace(n, lane, value, _number(m.load_bytes(memarg, address, size))))

    @PROPOSAL.op(
        stored, (PREFIX, store), MEMARG, LANEIDX, access=_access(stored, store, size), width=n
    )
    class StoreLane:
        __doc__ = f"Store {n} bits of one lane of a vector."

        check = check_operands

        def step(m: Machine, memarg: MemArg, lane: int) -> None:
            value, address = m.pop(), m.pop()
            data = simd.extract_u(n, lane, value).to_bytes(size, "little")
            m.store_bytes(memarg, address, data)


for _i, _n in enumerate((8, 16, 32, 64)):
    _declare_lane(_n, 84 + _i, 88 + _i)
