"""Names and abbreviations to indices: from the tree of a module to the module IR."""

from watloom.parser.resolve.module import resolve

__all__ = ["resolve"]
