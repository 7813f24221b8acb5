"""Design, rule 1: no table, column or count of persons in content, and nothing that would make one."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import inspect

from waspada.search.index import is_word_index
from waspada.store import Store

#: Tables about accounts of this product; they are protected as such.
#: `contacts`, `duty_shifts` and `calls` say which account is reached where, when, and by what; who sent a field report,
#: and its drafts, are sealed.
ACCOUNTS = {
    "users", "tokens", "credentials", "external_logins", "sign_in_failures", "contacts", "duty_shifts", "calls",
    "field_report_senders", "field_report_drafts",
}  # fmt: skip
#: Everything that is stored. A new table is a decision: whoever adds it here says that it is not about people.
TABLES = {
    "alembic_version",
    "alert_events",
    "alert_parents",
    "alert_places",
    "alert_regions",
    "alert_seen",
    "alerts",
    "archived_pages",
    "audit",
    "audit_checkpoints",
    "backfills",
    "bands",
    "cap_messages",
    "call_notices",
    "claim_match_events",
    "claim_matches",
    "claim_thresholds",
    "collection_stops",
    "corrections",
    "coverage_days",
    "deliveries",
    "digest_corrections",
    "digest_entries",
    "digest_layouts",
    "digest_templates",
    "digests",
    "erasures",
    "escalation_recipients",
    "escalations",
    "erased_items",
    "fact_check_events",
    "fact_checks",
    "field_report_citations",
    "field_report_events",
    "field_reports",
    "fingerprints",
    "handovers",
    "item_versions",
    "items",
    "label_seats",
    "label_tasks",
    "labels",
    "model_events",
    "model_reports",
    "models",
    "notices",
    "pages",
    "periodic_reports",
    "places",
    "processes",
    "pseudonym_keys",
    "ranking_weights",
    "recipient_grants",  # permissions to send to institutions, and which accounts gave them
    "recipients",  # institutions by the address of their office; names of persons are refused
    "rejects",
    "saved_views",
    "silences",
    "source_events",
    "source_health",
    "source_mentions",
    "sources",
    "stories",
    "story_edit_items",
    "story_edits",
    "story_headlines",
    "story_items",
    "story_places",
    "subscription_sends",
    "subscriptions",  # addresses of subscribers of this product, sealed; no names
    "tags",
    "topic_heads",
    "topic_labels",
    "topic_queue",
    "topic_tags",
    "topics",
    "trainings",
    "unmatched_items",
    "view_looks",
    "webhook_attempts",
    "webhooks",
    *ACCOUNTS,
}
WORDS_ABOUT_PEOPLE = re.compile(
    r"person|people|orang|tokoh|nama_|author|penulis|handle|username|screen_?name|avatar|follower|friend|gender|agama|"
    r"religion|suku|ethnic|birth|lahir|nik\b|ktp|phone|telp|telepon|email|surel|face|wajah|victim|korban|suspect|"
    r"tersangka|minor\b|candidate_name|entity|mention_of",
    re.IGNORECASE,
)
#: Columns `name` that hold no person's name.
NAMES_OF_THINGS = {"models.name", "sources.name", "places.name", "tokens.name", "users.name"}


def _columns(store: Store) -> dict[str, set[str]]:
    found = inspect(store.engine)
    kept = [table for table in found.get_table_names() if not is_word_index(table)]
    return {table: {column["name"] for column in found.get_columns(table)} for table in kept}


def test_tables_are_the_known_ones(store: Store) -> None:
    assert set(_columns(store)) == TABLES


def test_no_column_is_about_people(store: Store) -> None:
    found = [
        f"{table}.{column}"
        for table, columns in _columns(store).items()
        if table not in ACCOUNTS
        for column in columns
        if WORDS_ABOUT_PEOPLE.search(column) or WORDS_ABOUT_PEOPLE.search(table)
    ]
    assert found == []


def test_names_are_of_places_sources_and_accounts_only(store: Store) -> None:
    found = {
        f"{table}.{column}" for table, columns in _columns(store).items() for column in columns if column == "name"
    }
    assert found == NAMES_OF_THINGS


@pytest.mark.parametrize("table", ["alerts", "stories", "fact_checks"])
def test_what_is_ranked_has_no_key_to_a_voice(store: Store, table: str) -> None:
    assert "voice" not in _columns(store)[table]


def test_voice_cannot_be_looked_up(store: Store) -> None:
    """The pseudonym counts voices within a story; an index on it would make a list of what one account said."""
    found = inspect(store.engine)
    indexed = {column for index in found.get_indexes("items") for column in index["column_names"]}
    assert "voice" not in indexed


def test_this_test_would_see_a_column_about_people() -> None:
    for word in ("person_id", "author", "victim_name", "handle", "phone", "email", "tokoh"):
        assert WORDS_ABOUT_PEOPLE.search(word)
    for word in ("outlet", "voice", "headline", "mention", "vector", "actor", "region"):
        assert not WORDS_ABOUT_PEOPLE.search(word)
