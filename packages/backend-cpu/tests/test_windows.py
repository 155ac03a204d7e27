"""Windows and orders of numbers of all kinds, infinite ones and NaN among them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from native_helpers import on_device  # noqa: F401
