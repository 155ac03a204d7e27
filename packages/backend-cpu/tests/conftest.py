"""Tests compile everything themselves: none reads or fills the cache of the person who runs them."""

from __future__ import annotations

import os

os.environ["LAMELLA_CACHE_DIR"] = ""
