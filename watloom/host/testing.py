"""Calling exports of a host module in tests, without a guest: see `Guest`.

>>> from watloom.host import I32, HostModule, String, export
>>> class Greeter(HostModule):
...     @export
...     def greet(self, name: String) -> I32:
...         return len(name)
>>> call(Greeter(), "greet", "world")
5
"""

from __future__ import annotations

from watloom.interp.host.testing import Guest, call

__all__ = ["Guest", "call"]
