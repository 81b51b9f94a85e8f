"""The compiled tier: every function as Python source."""
