"""A batch that fails is done again one by one, so that one odd row stops no other; what fails alone is kept aside."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from waspada.errors import StoreError
from waspada.store import Store

Work = Callable[[Session, Sequence[int]], None]
GiveUp = Callable[[Session, int, Exception], None]


def done_or_set_aside(store: Store, ids: Sequence[int], work: Work, give_up: GiveUp) -> int:
    """Runs `work` on all ids in one transaction, else on each in its own; `give_up` keeps aside what fails alone.

    Returns how many ids were dealt with. Raises StoreError only: a database that cannot be used is nobody's odd row.
    """
    if not ids:
        return 0
    try:
        store.retrying(lambda session: work(session, ids))
    except StoreError:
        raise
    except Exception as error:  # whatever a row made the stage raise is kept with the row
        if len(ids) == 1:
            problem = error
            store.retrying(lambda session: give_up(session, ids[0], problem))
        else:
            for id_ in ids:
                done_or_set_aside(store, [id_], work, give_up)
    return len(ids)
