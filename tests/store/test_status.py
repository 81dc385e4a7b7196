from itertools import product

import pytest

from store.errors import IllegalTransition
from store.status import TRANSITIONS, Status, check_transition

LEGAL = {
    ("bot", "waiting"),
    ("bot", "human"),
    ("bot", "closed"),
    ("waiting", "human"),
    ("waiting", "bot"),
    ("waiting", "closed"),
    ("human", "bot"),
    ("human", "waiting"),
    ("human", "closed"),
    ("closed", "bot"),
    ("closed", "waiting"),
}


def test_every_status_has_its_row() -> None:
    assert set(TRANSITIONS) == set(Status)


@pytest.mark.parametrize(("current", "new"), list(product(Status, Status)))
def test_only_the_legal_transitions_pass(current: Status, new: Status) -> None:
    if (current.value, new.value) in LEGAL:
        check_transition(current, new)
    else:
        with pytest.raises(IllegalTransition, match=f"{current.value!r} cannot become"):
            check_transition(current, new)
