"""What keeps people out of the watch: contacts masked at the door, posters as pseudonyms, persons masked at exits."""

from waspada.privacy.door import mask_contacts
from waspada.privacy.persons import mask_persons, person_spans
from waspada.privacy.pseudonyms import period_of, periods_to_destroy, pseudonym

__all__ = [
    "mask_contacts",
    "mask_persons",
    "period_of",
    "periods_to_destroy",
    "person_spans",
    "pseudonym",
]
