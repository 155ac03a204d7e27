"""Functions on tensors."""

from lamella.ops import opdef
from lamella.ops import prims
from lamella.ops.promote import as_tensor
from lamella.ops.elementwise import *
from lamella.ops.control import *
from lamella.ops import indexing
