"""Imported when Python starts, in processes of tests `in_both_tiers` (tests/support/tiers.py)."""

import os

from tiers import ENVIRONMENT, all_stores

if os.environ.get(ENVIRONMENT):
    forced = all_stores(os.environ[ENVIRONMENT])  # type: ignore[arg-type]
    forced.__enter__()
