"""Watching a machine: probes, traces, the debugger."""
