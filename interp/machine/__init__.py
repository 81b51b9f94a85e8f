"""The reference machine: one small step at a time, readable as the spec."""

from watloom.interp.machine.frames import Frame, Label
from watloom.interp.machine.machine import Machine

__all__ = ["Frame", "Label", "Machine"]
