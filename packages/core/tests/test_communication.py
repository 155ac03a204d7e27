"""The interface of several processes, of which there is one, and of ways to be parallel."""

from __future__ import annotations

import pytest

import lamella as ms
from lamella import communication as comm


@pytest.fixture(autouse=True)
def _as_before():
    yield
    comm.release()
    ms.reset_auto_parallel_context()
    ms.reset_algo_parameters()


def test_a_world_of_one():
    assert (comm.get_rank(), comm.get_group_size(), comm.GlobalComm.INITED) == (0, 1, False)
    comm.init("nccl")
    assert comm.GlobalComm.INITED
    comm.create_group("mine", [0])
    assert comm.get_process_group_ranks("mine") == [0] and comm.get_rank("mine") == 0
    comm.destroy_group("mine")
    for world in (comm.HCCL_WORLD_COMM_GROUP, comm.NCCL_WORLD_COMM_GROUP, comm.MCCL_WORLD_COMM_GROUP):
        assert comm.get_group_size(world) == comm.get_local_rank_size(world) == 1


@pytest.mark.parametrize("name", ["MS_WORKER_NUM", "OMPI_COMM_WORLD_SIZE", "RANK_SIZE", "WORLD_SIZE"])
def test_launchers_of_several_processes_are_refused(monkeypatch, name):
    monkeypatch.setenv(name, "1")
    comm.init()
    monkeypatch.setenv(name, "8")
    with pytest.raises(RuntimeError, match=f"{name}=8, expected 1. Lamella runs in one process"):
        comm.init()


def test_ways_to_be_parallel_are_kept():
    ms.set_auto_parallel_context(parallel_mode=ms.ParallelMode.SEMI_AUTO_PARALLEL, full_batch=True, device_num=1)
    assert ms.get_auto_parallel_context("parallel_mode") == "semi_auto_parallel"
    ms.get_auto_parallel_context("comm_fusion")["openstate"] = False
    assert ms.get_auto_parallel_context("comm_fusion")["openstate"] is True
    ms.reset_auto_parallel_context()
    assert ms.get_auto_parallel_context("parallel_mode") == "stand_alone"
    ms.set_algo_parameters(elementwise_op_strategy_follow=True)
    assert ms.get_algo_parameters("elementwise_op_strategy_follow") is True


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: comm.init(5), TypeError, "backend_name=5"),
        (lambda: comm.init("mpi"), ValueError, "one of hccl, nccl, mccl"),
        (lambda: comm.get_rank(0), TypeError, "group=0"),
        (lambda: comm.get_group_size("mine"), ValueError, "group='mine'"),
        (lambda: comm.create_group("mine", [0, 1]), ValueError, r"\[0, 1\]"),
        (lambda: comm.create_group("hccl_world_group", [0]), ValueError, "a new name"),
        (lambda: comm.destroy_group("nccl_world_group"), ValueError, "one of your own"),
        (lambda: comm.get_world_rank_from_group_rank("hccl_world_group", 1), ValueError, "the only rank"),
        (lambda: ms.set_auto_parallel_context(device_num=8), RuntimeError, "device_num.*got 8, expected 1"),
        (lambda: ms.set_auto_parallel_context(device_num=0), ValueError, "at least 1"),
        (lambda: ms.set_auto_parallel_context(global_rank=-1), ValueError, "at least 0"),
        (lambda: ms.set_auto_parallel_context(gradients_mean=1), TypeError, "a bool"),
        (lambda: ms.set_auto_parallel_context(parallel_mode="both"), ValueError, "one of stand_alone"),
        (lambda: ms.set_auto_parallel_context(parallel_mod="both"), ValueError, "Did you mean 'parallel_mode'"),
        (lambda: ms.get_auto_parallel_context("x"), ValueError, "setting 'x'"),
        (lambda: ms.set_algo_parameters(fully_use_devices=1), TypeError, "a bool"),
    ],
)
def test_bad_arguments_are_told(call, kind, words):
    with pytest.raises(kind, match=words):
        call()
