"""DLPack with devices that can: tensors come and go without a copy, and the stream is passed on."""

from __future__ import annotations

import numpy as np
import pytest

from lamella import Tensor, context
from lamella.backends.host import type_of
from lamella.backends.reference import ReferenceBackend
from lamella.buffer import Buffer

DEVICE = 12  # DLPack's kDLExtDev


class Exchanging(ReferenceBackend):
    """Two devices of a kind that NumPy cannot read; what it gives away stands for a capsule."""

    name = "exchanging"
    on_host = False
    device_count = 2

    def put(self, array, ordinal=0):
        return Buffer(array, type_of(array), self, ordinal)

    def dlpack_device(self, ordinal=0):
        return DEVICE, ordinal

    def to_dlpack(self, buffer, **options):
        return buffer, options

    def from_dlpack(self, source):
        if source.broken:
            raise BufferError("no such layout")
        return self.put(source.array, source.__dlpack_device__()[1])


class Foreign:
    broken = False

    def __init__(self, array, device):
        self.array, self.device = array, device

    def __dlpack_device__(self):
        return self.device

    def __dlpack__(self, **options):
        raise BufferError("not for the host")


@pytest.fixture(autouse=True)
def backend(monkeypatch):
    backend = Exchanging()
    monkeypatch.setattr(context, "backend", backend)
    return backend


def test_a_tensor_says_where_it_is_and_passes_the_stream_on(backend):
    x = Tensor([1.0, 2.0])
    assert x.__dlpack_device__() == (DEVICE, 0) and x.to("reference").__dlpack_device__() == (1, 0)
    buffer, options = x.__dlpack__(stream=7, max_version=(1, 0))
    assert buffer is x._value and options == {"stream": 7, "max_version": (1, 0)}


def test_a_tensor_of_such_a_device_is_taken_without_a_copy_and_one_of_the_host_with_one():
    array = np.arange(3.0)
    taken = Tensor.from_dlpack(Foreign(array, (DEVICE, 1)))
    assert taken.device == "exchanging:1" and taken._value.data is array
    copied = Tensor.from_dlpack(array)
    assert copied.device == "exchanging:0" and not np.shares_memory(copied._value.data, array)


@pytest.mark.parametrize("device", [(DEVICE, 0), (2, 0)], ids=["own", "other"])
def test_what_cannot_be_taken_is_refused_with_the_reason(device):
    source = Foreign(np.arange(3.0), device)
    source.broken = True
    with pytest.raises(
        TypeError, match=r"Tensor\.from_dlpack: got a Foreign \(.*\), expected an array on the host, or"
    ):
        Tensor.from_dlpack(source)
