"""Typed host modules: Python classes as WebAssembly modules. Their public face is `watloom.host`.

    annotations ──► codecs ──► adapter (Python source, once per class) ──► binding (once per store)

`annotations` finds the codec that an annotation means; a codec (`scalars`, `buffers`, `pointers`,
`structs`, `references`, `results`) knows the Wasm types of a parameter or result and writes the
Python that converts it; `adapter` puts these together; `module` has the base class.
"""
