from __future__ import annotations

from lamella_compiler.passes.broadcasts import relax


def test_stretching_before_an_elementwise_primitive(becomes):
    becomes(
        relax,
        """graph g(%0: float32[2, 3], %1: float32[3]) -> float32[2, 3] {
          %2: float32[2, 3] = broadcast_to(%1) {shape=(2, 3)}
          %3: float32[2, 3] = add(%2, %0)
          return %3
        }""",
        """graph g(%0: float32[2, 3], %1: float32[3]) -> float32[2, 3] {
          %2: float32[2, 3] = add(%1, %0)
          return %2
        }""",
    )


def test_stretching_that_gives_the_result_its_shape_stays(becomes):
    text = """graph g(%0: float32[3], %1: float32[]) -> float32[2, 3] {
      %2: float32[2, 3] = broadcast_to(%0) {shape=(2, 3)}
      %3: float32[2, 3] = add(%2, %1)
      return %3
    }"""
    becomes(relax, text, text)


def test_of_two_stretched_operands_one_stays_stretched(becomes):
    becomes(
        relax,
        """graph g(%0: float32[3], %1: float32[]) -> float32[2, 3] {
          %2: float32[2, 3] = broadcast_to(%0) {shape=(2, 3)}
          %3: float32[2, 3] = broadcast_to(%1) {shape=(2, 3)}
          %4: float32[2, 3] = mul(%2, %3)
          return %4
        }""",
        """graph g(%0: float32[3], %1: float32[]) -> float32[2, 3] {
          %2: float32[2, 3] = broadcast_to(%1) {shape=(2, 3)}
          %3: float32[2, 3] = mul(%0, %2)
          return %3
        }""",
    )


def test_stretching_twice_and_not_at_all(becomes):
    becomes(
        relax,
        """graph g(%0: float32[3]) -> float32[4, 2, 3] {
          %1: float32[3] = broadcast_to(%0) {shape=(3,)}
          %2: float32[2, 3] = broadcast_to(%1) {shape=(2, 3)}
          %3: float32[4, 2, 3] = broadcast_to(%2) {shape=(4, 2, 3)}
          return %3
        }""",
        """graph g(%0: float32[3]) -> float32[4, 2, 3] {
          %1: float32[4, 2, 3] = broadcast_to(%0) {shape=(4, 2, 3)}
          return %1
        }""",
    )


def test_axes_of_size_1_in_front(becomes):
    becomes(
        relax,
        """graph g(%0: float32[3], %1: float32[5, 3]) -> (float32[5, 3], float32[5, 3]) {
          %2: float32[1, 3] = reshape(%0) {shape=(1, 3)}
          %3: float32[5, 3] = sub(%1, %2)
          %4: float32[5, 3] = broadcast_to(%2) {shape=(5, 3)}
          return %3, %4
        }""",
        """graph g(%0: float32[3], %1: float32[5, 3]) -> (float32[5, 3], float32[5, 3]) {
          %2: float32[5, 3] = sub(%1, %0)
          %3: float32[5, 3] = broadcast_to(%0) {shape=(5, 3)}
          return %2, %3
        }""",
    )


def test_axes_of_size_1_elsewhere_stay(becomes):
    text = """graph g(%0: float32[3], %1: float32[3, 5]) -> float32[3, 5] {
      %2: float32[3, 1] = reshape(%0) {shape=(3, 1)}
      %3: float32[3, 5] = mul(%1, %2)
      return %3
    }"""
    becomes(relax, text, text)


def test_open_sizes(becomes):
    becomes(
        relax,
        """graph g(%0: float32[n, 3], %1: float32[3]) -> float32[n, 3] {
          %2: float32[n, 3] = broadcast_to(%1) {shape=(<n>, 3)}
          %3: float32[n, 3] = add(%0, %2)
          return %3
        }""",
        """graph g(%0: float32[n, 3], %1: float32[3]) -> float32[n, 3] {
          %2: float32[n, 3] = add(%0, %1)
          return %2
        }""",
        exact=False,
    )


def test_an_array_of_one_number_is_one_number(becomes):
    becomes(
        relax,
        """graph g(%0: float32[3]) -> float32[3] {
          %1: float32[3] = constant() {value=float32[3](2.0, 2.0, 2.0)}
          %2: float32[3] = mul(%0, %1)
          return %2
        }""",
        """graph g(%0: float32[3]) -> float32[3] {
          %1: float32[] = constant() {value=float32[](2.0)}
          %2: float32[3] = mul(%0, %1)
          return %2
        }""",
    )
