"""Two host modules: geometry over the caller's memory, and a counter with a state."""

from __future__ import annotations

import numpy as np

from watloom.host import (
    F32,
    F64,
    I32,
    Array,
    Errno,
    HostModule,
    List,
    Ptr,
    String,
    export,
    wasm_struct,
)  # fmt: skip


@wasm_struct
class Point:
    """Eight bytes in the guest's memory."""

    x: I32
    y: I32


@wasm_struct
class Shape:
    """A name and corners: two pairs of pointer and length."""

    name: String
    corners: List[Point]


class Geometry(HostModule, name="geometry"):
    """Areas and lengths, in units of `scale`."""

    def __init__(self, scale: int = 1) -> None:
        self.scale = scale

    @export
    def area(self, points: Array[Point]) -> I32:
        """The area of a polygon; `points` is a numpy array on the guest's own memory."""
        x, y = points["x"].astype(np.int64), points["y"].astype(np.int64)
        twice = np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))
        return int(abs(twice) // 2) * self.scale**2

    @export
    def length(self, xs: Array[F32]) -> F64:
        """The length of a vector."""
        return float(np.linalg.norm(xs)) * self.scale

    @export
    def move(self, points: Array[Point], by: Ptr[Point]) -> None:
        """Move all points; writing to the array writes to memory."""
        points["x"] += by.value.x
        points["y"] += by.value.y

    @export
    def largest(self, shapes: List[Shape], out: Ptr[Point]) -> I32 | Errno:
        """Which shape has the most corners; the first of them goes to `out`. EINVAL for none."""
        if not shapes:
            return Errno.INVAL
        sizes = [len(shape.corners) for shape in shapes]
        most = sizes.index(max(sizes))
        out.value = shapes[most].corners[0]
        return most


class Counter(HostModule, name="counter"):
    """Counts, for whoever is linked to the same object."""

    def __init__(self, step: int = 1) -> None:
        self.step = step
        self.count = 0

    @export("next")
    def advance(self) -> I32:
        """The next number."""
        self.count += self.step
        return self.count
