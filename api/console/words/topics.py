"""Words for topics."""

from __future__ import annotations

from api.console.i18n import N_
from waspada.topics.types import TagOrigin

#: What made a report belong to a topic.
TOPIC_TAGS: dict[str, str] = {
    TagOrigin.LIKENESS: N_("by likeness"),
    TagOrigin.HEAD: N_("learned from answers"),
    TagOrigin.PERSON: N_("by a person"),
}
