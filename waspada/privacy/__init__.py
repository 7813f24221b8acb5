"""What keeps people out of the watch: contacts masked at the door, posters as pseudonyms, persons masked at every exit."""

from waspada.privacy.persons import mask_persons, person_spans

__all__ = ["mask_persons", "person_spans"]
