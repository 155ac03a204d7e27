"""Core's own tests run on core's own device, also where others are installed."""

from __future__ import annotations

import os

os.environ.setdefault("LAMELLA_DEVICE", "reference")
