"""Test scripts (`.wast`): run, judged, reported.

https://github.com/WebAssembly/spec/tree/main/interpreter#scripts
"""
