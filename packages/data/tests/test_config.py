from __future__ import annotations

import pytest

import lamella
import lamella_data as data


def test_the_seed_is_one_s_own_then_the_framework_s_then_the_default(monkeypatch):
    data.config.set_seed(None)
    monkeypatch.setattr(lamella, "get_seed", lambda: None, raising=False)
    assert data.config.get_seed() == 5489
    monkeypatch.setattr(lamella, "get_seed", lambda: 12, raising=False)
    assert data.config.get_seed() == 12
    data.config.set_seed(3)
    assert data.config.get_seed() == 3


@pytest.mark.parametrize(
    ("seed", "error"), [(-1, ValueError), (2**32, ValueError), (True, TypeError), (1.0, TypeError)]
)
def test_wrong_seeds_are_refused(seed, error):
    with pytest.raises(error, match="set_seed"):
        data.config.set_seed(seed)


def test_an_iterator_keeps_the_seed_it_was_created_with(p):
    dataset = p.count(30).shuffle(30)
    iterator = dataset.create_tuple_iterator(output_numpy=True)
    data.config.set_seed(1)
    data.config.set_seed(7)
    expected = p.column(p.count(30).shuffle(30))
    data.config.set_seed(1)
    assert [x.item() for (x,) in iterator] == expected
