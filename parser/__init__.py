"""From WebAssembly text or bytes to a Module, and back."""
