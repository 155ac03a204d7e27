from __future__ import annotations

import pytest

from lamella_compiler.passes.unwrapping import unwrap


def test_aliases_and_stopped_gradients(becomes):
    becomes(
        unwrap,
        """graph g(%0: float32[2]) -> float32[2] {
          %1: float32[2] = alias(%0)
          %2: float32[2] = stop_gradient(%1)
          %3: float32[2] = add(%2, %0)
          return %3
        }""",
        "graph g(%0: float32[2]) -> float32[2] { %1: float32[2] = add(%0, %0) return %1 }",
    )


BRANCHES = """
  then = graph then(%3: float32[2]) -> float32[2] {{ %4: float32[2] = neg(%3) return %4 }}
  orelse = graph orelse(%5: float32[2]) -> float32[2] {{ return %5 }}
  return %2 }}"""


@pytest.mark.parametrize(("known", "expected"), [(True, "%1: float32[2] = neg(%0) return %1"), (False, "return %0")])
def test_a_branch_that_is_known(becomes, known, expected):
    becomes(
        unwrap,
        f"graph g(%0: float32[2]) -> float32[2] {{ %1: bool[] = constant() {{value=bool[]({known})}} "
        f"%2: float32[2] = cond(%1, %0) {BRANCHES.format()}",
        f"graph g(%0: float32[2]) -> float32[2] {{ {expected} }}",
    )


def test_effects_of_a_branch_that_is_known_stay_in_order(becomes, capsys):
    becomes(
        unwrap,
        """graph g(%0: token, %1: float32[]) -> (token, float32[]) {
          %2: token = print(%0, %1) {template='first {}'}
          %3: bool[] = constant() {value=bool[](True)}
          %4: token, %5: float32[] = cond(%2, %3, %1)
            then = graph then(%6: token, %7: float32[]) -> (token, float32[]) {
              %8: token = print(%6, %7) {template='second {}'}
              return %8, %7
            }
            orelse = graph orelse(%9: token, %10: float32[]) -> (token, float32[]) { return %9, %10 }
          %11: token = print(%4, %5) {template='third {}'}
          return %11, %5
        }""",
        """graph g(%0: token, %1: float32[]) -> (token, float32[]) {
          %2: token = print(%0, %1) {template='first {}'}
          %3: token = print(%2, %1) {template='second {}'}
          %4: token = print(%3, %1) {template='third {}'}
          return %4, %1
        }""",
        exact=False,
    )


def test_functions_with_a_derivative_of_their_own_are_taken_apart(becomes):
    becomes(
        unwrap,
        """graph g(%0: float32[]) -> float32[] {
          %1: float32[] = custom_vjp(%0)
            forward = graph forward(%2: float32[]) -> float32[] { %3: float32[] = exp(%2) return %3 }
            backward = graph backward(%4: float32[], %5: float32[], %6: float32[]) -> float32[] { return %6 }
          return %1
        }""",
        "graph g(%0: float32[]) -> float32[] { %1: float32[] = exp(%0) return %1 }",
    )


def test_known_branches_within_regions(becomes):
    becomes(
        unwrap,
        """graph g(%0: bool[], %1: float32[]) -> float32[] {
          %2: float32[] = cond(%0, %1)
            then = graph then(%3: float32[]) -> float32[] {
              %4: bool[] = constant() {value=bool[](False)}
              %5: float32[] = cond(%4, %3)
                then = graph then(%6: float32[]) -> float32[] { %7: float32[] = exp(%6) return %7 }
                orelse = graph orelse(%8: float32[]) -> float32[] { %9: float32[] = neg(%8) return %9 }
              return %5
            }
            orelse = graph orelse(%10: float32[]) -> float32[] { return %10 }
          return %2
        }""",
        """graph g(%0: bool[], %1: float32[]) -> float32[] {
          %2: float32[] = cond(%0, %1)
            then = graph then(%3: float32[]) -> float32[] { %4: float32[] = neg(%3) return %4 }
            orelse = graph orelse(%5: float32[]) -> float32[] { return %5 }
          return %2
        }""",
    )
