"""Providers: file systems made of other file systems, as vnodes (`watloom.stdlib.vnode`)."""
