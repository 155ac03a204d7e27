"""Train a recurrent network to write a poem letter by letter."""

from __future__ import annotations

import argparse

import numpy as np

import lamella as ms
from lamella import nn, ops

# Lewis Carroll, "Jabberwocky", from "Through the Looking-Glass" (1871); in the public domain.
TEXT = """\
'Twas brillig, and the slithy toves
Did gyre and gimble in the wabe;
All mimsy were the borogoves,
And the mome raths outgrabe.

"Beware the Jabberwock, my son!
The jaws that bite, the claws that catch!
Beware the Jubjub bird, and shun
The frumious Bandersnatch!"

He took his vorpal sword in hand:
Long time the manxome foe he sought--
So rested he by the Tumtum tree,
And stood awhile in thought.

And as in uffish thought he stood,
The Jabberwock, with eyes of flame,
Came whiffling through the tulgey wood,
And burbled as it came!

One, two! One, two! And through and through
The vorpal blade went snicker-snack!
He left it dead, and with its head
He went galumphing back.

"And hast thou slain the Jabberwock?
Come to my arms, my beamish boy!
O frabjous day! Callooh! Callay!"
He chortled in his joy.
"""
LETTERS = sorted(set(TEXT))


class Writer(nn.Cell):
    """Letters (N, T) in, scores (N, T, letters) of what comes next out, and the state to go on with."""

    def __init__(self, size: int = 96) -> None:
        super().__init__()
        self.embedding = nn.Embedding(len(LETTERS), 32)
        self.gru = nn.GRU(32, size, batch_first=True)
        self.scores = nn.Dense(size, len(LETTERS))

    def construct(self, letters: ms.Tensor, state: ms.Tensor | None = None) -> tuple[ms.Tensor, ms.Tensor]:
        """Read letters from a state on."""
        outputs, state = self.gru(self.embedding(letters), state)
        return self.scores(outputs), state


def write(writer: Writer, start: str, length: int) -> str:
    """Go on with a text, each time with the likeliest letter."""
    text, state, unread = start, None, [LETTERS.index(letter) for letter in start]
    for _ in range(length):
        scores, state = writer(ms.Tensor([unread], ms.int32), state)
        unread = [scores[0, -1].argmax().item()]
        text += LETTERS[unread[0]]
    return text


def main(arguments: list[str] | None = None) -> float:
    """Train and write; returns the last loss."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=200)
    options = parser.parse_args(arguments)

    ms.set_seed(1)
    writer = Writer()
    optimizer = nn.Adam(writer.trainable_params(), learning_rate=1e-2)
    numbers = np.array([LETTERS.index(letter) for letter in TEXT], np.int32)
    rng = np.random.default_rng(1)

    def forward(letters: ms.Tensor, following: ms.Tensor) -> ms.Tensor:
        scores, _ = writer(letters)
        return ops.cross_entropy(scores.reshape(-1, len(LETTERS)), following.reshape(-1))

    step = ms.value_and_grad(forward, None, optimizer.parameters)
    losses = []
    for number in range(options.steps):
        starts = rng.integers(0, len(numbers) - 33, 16)
        pieces = np.stack([numbers[i : i + 33] for i in starts])
        loss, gradients = step(ms.Tensor(pieces[:, :-1]), ms.Tensor(pieces[:, 1:]))
        optimizer(gradients)
        losses.append(loss.item())
        if number % 50 == 0 or number == options.steps - 1:
            print(f"step {number}: loss {losses[-1]:.3f}")

    print(write(writer, "Beware", 120))
    assert losses[-1] < (0.5 if options.steps >= 200 else losses[0])
    return losses[-1]


if __name__ == "__main__":
    main()
