"""What is kept for how long, on which ground, and what erasure does to it: the one table that the program obeys.

`waspada.jobs.purge` takes its periods from here, `docs/privacy.md` is written from here (`waspada privacy table`), and
tests prove that every table of the schema belongs to a class. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta

from waspada.settings import Settings

POST_RETENTION = timedelta(days=90)
#: YouTube API Services developer policies, III.E.4: what was read without the user's consent is deleted after 30 days.
YOUTUBE_RETENTION = timedelta(days=30)
ARTICLE_TEXT_RETENTION = timedelta(days=730)
#: The words that circulated, of a fact-check that was imported or judged here.
WORDS_RETENTION = timedelta(days=730)
REJECT_RETENTION = timedelta(days=90)
EXERCISE_RETENTION = timedelta(days=30)
NOTICE_RETENTION = timedelta(days=365)
DELIVERY_RETENTION = timedelta(days=90)
CORRECTION_RETENTION = timedelta(days=730)
SIGN_IN_RETENTION = timedelta(days=1)
TOKEN_RETENTION = timedelta(days=90)
#: As long as the texts of articles, of which reports quote.
REPORT_RETENTION = timedelta(days=730)
CAP_RETENTION = timedelta(days=365)
#: Of articles they quote a sentence each: never longer than the texts of these.
DIGEST_RETENTION = timedelta(days=365)
#: From one vote to the stages of the next, beside the texts of their time.
COVERAGE_RETENTION = timedelta(days=730)
#: No backup that is older holds a text that retention would leave.
ERASURE_RETENTION = ARTICLE_TEXT_RETENTION
UNPROVED_CONTACT_RETENTION = timedelta(days=7)
ENDED_CONTACT_RETENTION = timedelta(days=90)
#: A vote and the quarrels about it.
FIELD_REPORT_RETENTION = timedelta(days=365)
#: After the end of the case.
REPORT_SENDER_RETENTION = timedelta(days=30)
REPORT_DRAFT_RETENTION = timedelta(days=7)
#: Nobody pressed the button, or somebody left: long enough to mend a mistake, and no longer.
UNCONFIRMED_SUBSCRIPTION_RETENTION = timedelta(days=7)
ENDED_ADDRESS_RETENTION = timedelta(days=7)
ENDED_SUBSCRIPTION_RETENTION = timedelta(days=90)
_DAYS_A_YEAR = 365

#: Between these comments of `docs/privacy.md` the table stands.
BEGIN = "<!-- retention: begin (waspada privacy table --write docs/privacy.md) -->"
END = "<!-- retention: end -->"


@dataclass(frozen=True, slots=True)
class Periods:
    """How long each class is kept; the settings of a desk may shorten some, and lengthen none."""

    posts: timedelta = POST_RETENTION
    youtube: timedelta = YOUTUBE_RETENTION
    articles: timedelta = ARTICLE_TEXT_RETENTION
    checks: timedelta = WORDS_RETENTION
    rejects: timedelta = REJECT_RETENTION
    exercises: timedelta = EXERCISE_RETENTION
    notices: timedelta = NOTICE_RETENTION
    deliveries: timedelta = DELIVERY_RETENTION
    corrections: timedelta = CORRECTION_RETENTION
    sign_ins: timedelta = SIGN_IN_RETENTION
    tokens: timedelta = TOKEN_RETENTION
    reports: timedelta = REPORT_RETENTION
    cap: timedelta = CAP_RETENTION
    digests: timedelta = DIGEST_RETENTION
    coverage: timedelta = COVERAGE_RETENTION
    erasures: timedelta = ERASURE_RETENTION
    unproved_contacts: timedelta = UNPROVED_CONTACT_RETENTION
    ended_contacts: timedelta = ENDED_CONTACT_RETENTION
    field_reports: timedelta = FIELD_REPORT_RETENTION
    report_senders: timedelta = REPORT_SENDER_RETENTION
    report_drafts: timedelta = REPORT_DRAFT_RETENTION
    unconfirmed_subscriptions: timedelta = UNCONFIRMED_SUBSCRIPTION_RETENTION
    ended_addresses: timedelta = ENDED_ADDRESS_RETENTION
    ended_subscriptions: timedelta = ENDED_SUBSCRIPTION_RETENTION


@dataclass(frozen=True, slots=True)
class DataClass:
    """One class of data. `kept_for` names its periods in braces, as `Periods` has them; `tables` hold rows of it."""

    key: str
    data: str
    tables: tuple[str, ...]
    kept_for: str
    ground: str
    erasure: str


def periods_of(settings: Settings) -> Periods:
    """The periods of a desk: its settings where they are shorter."""
    posts = min(POST_RETENTION, timedelta(days=settings.post_days))
    return Periods(
        posts=posts,
        youtube=min(YOUTUBE_RETENTION, posts),
        articles=min(ARTICLE_TEXT_RETENTION, timedelta(days=settings.article_days)),
        checks=min(WORDS_RETENTION, timedelta(days=settings.article_days)),
        report_senders=min(REPORT_SENDER_RETENTION, timedelta(days=settings.report_sender_days)),
        digests=min(DIGEST_RETENTION, timedelta(days=settings.article_days)),
    )


def in_words(period: timedelta) -> str:
    """A period as the table says it: whole years, else days."""
    years, rest = divmod(period.days, _DAYS_A_YEAR)
    if years and not rest:
        return "1 year" if years == 1 else f"{years} years"
    return "1 day" if period.days == 1 else f"{period.days} days"


def kept_for(one: DataClass, periods: Periods) -> str:
    """How long a class is kept, in words."""
    return _filled(one.kept_for, periods)


def erasure_of(one: DataClass, periods: Periods) -> str:
    """What erasure does to a class, in words."""
    return _filled(one.erasure, periods)


def _filled(text: str, periods: Periods) -> str:
    return text.format(**{field.name: in_words(getattr(periods, field.name)) for field in fields(periods)})


def markdown(periods: Periods | None = None) -> str:
    """The table as it stands in `docs/privacy.md`."""
    chosen = periods or Periods()
    lines = ["| class of data | kept for | legal ground (UU 27/2022) | what erasure does |", "|---|---|---|---|"]
    lines += [
        f"| {one.data} | {kept_for(one, chosen)} | {one.ground} | {_filled(one.erasure, chosen)} |" for one in CLASSES
    ]
    return "\n".join(lines)


def with_table(page: str) -> str:
    """A page of the documentation with the table between its two comments. Raises ValueError where they are missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page has no place for the table")
    return f"{before}{BEGIN}\n\n{markdown()}\n\n{END}{after}"


def classes_of_tables() -> Mapping[str, tuple[str, ...]]:
    """Table -> keys of the classes that have rows in it."""
    found: dict[str, tuple[str, ...]] = {}
    for one in CLASSES:
        for table in one.tables:
            found[table] = (*found.get(table, ()), one.key)
    return found


#: Every class of data there is. A new table needs its class: a test compares them with the schema.
CLASSES: tuple[DataClass, ...] = (
    DataClass(
        key="posts",
        data="public posts: text, tags (also of a model that reads beside the one in use), places",
        tables=("items", "item_versions", "tags", "places"),
        kept_for="{posts}; of YouTube {youtube}, as its developer policies (III.E.4) ask",
        ground="public interest (Pasal 20 ayat 2 huruf e)",
        erasure=(
            "the row goes with its versions, tags, places and problem notes, and with a fact-check made of it; "
            "its story is ranked anew without it"
        ),
    ),
    DataClass(
        key="field_reports",
        data=(
            "field reports: text, tags, places, what was asked, answered and found out, which report cites which; "
            "periodic reports of kecamatan"
        ),
        tables=(
            "items",
            "item_versions",
            "tags",
            "places",
            "field_reports",
            "field_report_events",
            "field_report_citations",
            "periodic_reports",
        ),
        kept_for="{field_reports}",
        ground="the team's legal duty (Pasal 20 ayat 2 huruf c)",
        erasure=(
            "the item goes as a post does; of the report stay its region, kind, state and steps, without any words; "
            "reports above that cite it go with it; an alert on it is ranked anew without it; of a periodic report the "
            "words go"
        ),
    ),
    DataClass(
        key="report_senders",
        data=(
            "which account sent a field report, sealed; a keyed mark, another one for each report, that leads an "
            "account to its own"
        ),
        tables=("field_report_senders",),
        kept_for=(
            "{report_senders} after the end of the case, or shorter by the desk's setting; a case that nobody ends is "
            "ended by the program"
        ),
        ground="the team's legal duty; data minimisation (Pasal 16)",
        erasure="the row goes with its report's words, or with the time: nobody can tell any more who sent it",
    ),
    DataClass(
        key="report_drafts",
        data="drafts of field reports, sealed for their writer, under keys that no report has",
        tables=("field_report_drafts",),
        kept_for="{report_drafts} after the last change",
        ground="the reporter's own wish (Pasal 20 ayat 2 huruf a)",
        erasure="the row is deleted, by its writer or when the report is sent",
    ),
    DataClass(
        key="pseudonym_keys",
        data="keys of posters' pseudonyms",
        tables=("pseudonym_keys",),
        kept_for="to the end of the month after theirs",
        ground="data minimisation (Pasal 16)",
        erasure="the key is deleted: no pseudonym of that period can be made again",
    ),
    DataClass(
        key="articles",
        data="articles: full text",
        tables=("items", "item_versions", "tags", "places"),
        kept_for="{articles}",
        ground="public interest; texts stay with their outlets",
        erasure=(
            "the text is emptied, and so are the sentences quoted from it among the tags and the claim of a "
            "fact-check made of it; title, labels and places stay"
        ),
    ),
    DataClass(
        key="pages",
        data="pages that a source announced: title and summary",
        tables=("pages",),
        kept_for=(
            "as the posts ({posts}) or articles ({articles}) of their source; pages of the fediverse never hold either"
        ),
        ground="as their item",
        erasure=(
            "title and summary are emptied; the address and a key made of it stay, so that the page is not "
            "taken for a new one; of a post deleted at its place, and of YouTube after {youtube}, only the hash"
            " of the address stays"
        ),
    ),
    DataClass(
        key="outlet_checks",
        data=(
            "fact-checks of outlets: headline, verdict, address, day, the narrative that they quote (600 characters)"
        ),
        tables=("fact_checks",),
        kept_for="with the article they came from",
        ground="as their item",
        erasure="the claim goes with the article's text, also from what is held in memory",
    ),
    DataClass(
        key="own_checks",
        data="fact-checks imported, and verdicts of this desk: the words that circulated, their embeddings",
        tables=("fact_checks",),
        kept_for="{checks}",
        ground="public interest",
        erasure="they are emptied, also in what is held in memory; another import does not bring them back",
    ),
    DataClass(
        key="verdicts",
        data="the same: headline, verdict, address, who gave which verdict and why",
        tables=("fact_checks", "fact_check_events"),
        kept_for="until somebody removes them",
        ground="public interest",
        erasure="`waspada claims remove` deletes the row with its matches and history",
    ),
    DataClass(
        key="matches",
        data="matches of items with fact-checks, and what accounts of this product decided on them and why",
        tables=("claim_matches", "claim_match_events", "unmatched_items"),
        kept_for="with their item and their fact-check",
        ground="as their item",
        erasure="the rows go with either",
    ),
    DataClass(
        key="topics",
        data=(
            "topics: title, description, example sentences, places, who added them; heads learned from answers "
            "(numbers)"
        ),
        tables=("topics", "topic_heads"),
        kept_for="until somebody removes them",
        ground="public interest",
        erasure=(
            "no text of a topic may name a person; `waspada topics remove` deletes the row with its tags, "
            "answers and heads"
        ),
    ),
    DataClass(
        key="topic_items",
        data="which items belong to a topic, and what accounts of this product said of that",
        tables=("topic_tags", "topic_labels", "topic_queue"),
        kept_for="with their item and their topic",
        ground="as their item",
        erasure="the rows go with either",
    ),
    DataClass(
        key="labels",
        data=(
            "labels of analysts: values, places of evidence in the text (numbers), note, what the model had proposed, "
            "which account gave them when; the hash of the text they were given for"
        ),
        tables=("labels",),
        kept_for="as long as the desk",
        ground="public interest (Pasal 20 ayat 2 huruf e)",
        erasure="the note is emptied with its item; the values stay without any text, and teach nothing more",
    ),
    DataClass(
        key="label_tasks",
        data="which items wait for labels and why, and which account has one on its screen or left it",
        tables=("label_tasks", "label_seats"),
        kept_for="with their item",
        ground="as their item",
        erasure="the rows go with the item",
    ),
    DataClass(
        key="models",
        data=(
            "models: what they were made of (counts, hashes), their figures, who promoted or took back which and why; "
            "trainings with their log; monthly reports (counts and shares)"
        ),
        tables=("models", "model_events", "trainings", "model_reports"),
        kept_for="as long as the desk",
        ground="the team's legal duty (Pasal 20 ayat 2 huruf c)",
        erasure=(
            "no words of items are in them; weights that learned from an erased item stay until a model is trained anew"
        ),
    ),
    DataClass(
        key="thresholds",
        data="thresholds of matching, with who had them fitted",
        tables=("claim_thresholds",),
        kept_for="as the installation",
        ground="legal duty",
        erasure="no content is in them",
    ),
    DataClass(
        key="rejects",
        data="what could not be handled, with the message of the error",
        tables=("rejects",),
        kept_for="{rejects}, and never longer than its item's text",
        ground="as their item",
        erasure="the row is deleted",
    ),
    DataClass(
        key="polls",
        data=(
            "the last polls of a source (time, outcome, counts) and the notices of its health (silent, parked, "
            "failing, refused)"
        ),
        tables=("source_events",),
        kept_for="the last 30 of each a source",
        ground="as their item",
        erasure="no content is in them",
    ),
    DataClass(
        key="sources",
        data=(
            "what is known of a source itself: its hours, where its reading goes on, hashes of the lines that "
            "its pages repeat, how it stands, and how often its items named each region"
        ),
        tables=("sources", "source_health", "source_mentions"),
        kept_for="as long as the source",
        ground="as their item",
        erasure="no content is in them",
    ),
    DataClass(
        key="backfills",
        data="how far a backfill read a source: addresses of its sitemaps, counts",
        tables=("backfills",),
        kept_for="as long as the source",
        ground="as their item",
        erasure="no content is in them",
    ),
    DataClass(
        key="alerts",
        data=(
            "alerts, their stories and their history, with notes and the questions put to offices, and which "
            "account has one in hand until when"
        ),
        tables=("alerts", "alert_events", "alert_places", "alert_regions", "stories", "story_items", "story_places"),
        kept_for="as long as the desk",
        ground="the team's legal duty (Pasal 20 ayat 2 huruf c)",
        erasure=(
            "headline follows its items; steps and notes stay; phone numbers and addresses in them are masked "
            "before they are stored, names of private persons where they leave; an office that is asked may not"
            " be a person"
        ),
    ),
    DataClass(
        key="handovers",
        data="hand-overs of shifts: the note, who wrote it and who took over, counts of how things stood",
        tables=("handovers",),
        kept_for="{notices} after the shift",
        ground="the team's legal duty (Pasal 20 ayat 2 huruf c)",
        erasure="phone numbers and addresses are masked before the note is stored; the row is deleted",
    ),
    DataClass(
        key="weights",
        data=(
            "weights of the ranking that were learned, and what a person saw of an alert (points by part, "
            "region) when taking a step"
        ),
        tables=("ranking_weights", "alert_events"),
        kept_for="as long as the desk",
        ground="as their alert",
        erasure="no content is in them",
    ),
    DataClass(
        key="notices",
        data=(
            "notices: which alert, for the desk of which region, when, and what held it (levels, labels, region"
            " codes, counts; no words)"
        ),
        tables=("notices",),
        kept_for="{notices}",
        ground="the team's legal duty (Pasal 20 ayat 2 huruf c)",
        erasure="goes with its alert",
    ),
    DataClass(
        key="recipients",
        data=(
            "institutions outside the team (`recipients`): name, region, the address of the office, which "
            "account added or switched it"
        ),
        tables=("recipients",),
        kept_for="as long as the audit log that names them",
        ground="the team's legal duty (Pasal 20 ayat 2 huruf c)",
        erasure="they are no persons; a name or address that looks like a person's is refused",
    ),
    DataClass(
        key="grants",
        data=(
            "permissions to send to the police or to intelligence: region, period, reason, who asked, approved, revoked"
        ),
        tables=("recipient_grants",),
        kept_for="as long as the audit log that names them",
        ground="legal duty",
        erasure="never changed but by its next step",
    ),
    DataClass(
        key="reports",
        data="reports to institutions, and alerts raised to the desk above: masked text, note, reasons",
        tables=("escalations", "escalation_recipients"),
        kept_for="{reports}",
        ground="the team's legal duty (Pasal 20 ayat 2 huruf c)",
        erasure=(
            "with the news that it quotes: the words go, a correction is proposed to all who got it, and what "
            "waits is not sent"
        ),
    ),
    DataClass(
        key="report_steps",
        data=("the same: which alert, who proposed and decided, to whom, when, how it ended, the hash of the text"),
        tables=("escalations", "escalation_recipients"),
        kept_for="as long as the desk",
        ground="the team's legal duty (Pasal 20 ayat 2 huruf c)",
        erasure="stays: no words are in it",
    ),
    DataClass(
        key="cap",
        data="CAP messages: the document (masked)",
        tables=("cap_messages",),
        kept_for="{cap}",
        ground="the team's legal duty (Pasal 20 ayat 2 huruf c)",
        erasure=(
            "with the news that it quotes: the document goes, and a Cancel is issued that repeats none of it; "
            "that it was issued stays with its alert"
        ),
    ),
    DataClass(
        key="digests",
        data=(
            "digests: masked sentences of articles with place, outlets and confidence, of which alerts, what of it was "
            "corrected, hashes of what it was; the layout"
        ),
        tables=("digests", "digest_entries", "digest_corrections", "digest_layouts"),
        kept_for="{digests}",
        ground="the team's legal duty (Pasal 20 ayat 2 huruf c)",
        erasure=(
            "with the news that they quote: the words of the entry go, the digest says so, and a correction is due to "
            "those who got it"
        ),
    ),
    DataClass(
        key="digest_texts",
        data="texts around digests (title, opening, closing, letterhead, office): which account wrote them, when",
        tables=("digest_templates",),
        kept_for="as long as the desk",
        ground="none is needed: they are about nobody",
        erasure="no content is in them",
    ),
    DataClass(
        key="deliveries",
        data=(
            "messages on their way out: what is sent (masked words), to which contact of an account or which "
            "webhook, how the tries ended"
        ),
        tables=("deliveries",),
        kept_for=(
            "{deliveries} after they were sent, given up or dropped; {deliveries} after they were due where "
            "none of that happened"
        ),
        ground="the team's legal duty (Pasal 20 ayat 2 huruf c)",
        erasure=(
            "the words of a message go at once; a call that waits is written anew, a report that waits is given up; "
            "that it left, to whom and when, stays"
        ),
    ),
    DataClass(
        key="contacts",
        data=("channels of accounts: mail address, chat number or push subscription, sealed; when proved, why refused"),
        tables=("contacts",),
        kept_for=(
            "until the account removes it or is closed; {unproved_contacts} where it was never proved, "
            "{ended_contacts} after the other side refused it"
        ),
        ground="contract (Pasal 20 ayat 2 huruf b)",
        erasure="the row is deleted, what waits to be sent there finds no address",
    ),
    DataClass(
        key="subscriptions",
        data=(
            "subscribers of digests: mail address, chat number or webhook, sealed; region, labels, hour; when "
            "confirmed, paused, ended and why; no name"
        ),
        tables=("subscriptions",),
        kept_for=(
            "the address until {ended_addresses} after the end, the rest {ended_subscriptions} after it; "
            "{unconfirmed_subscriptions} where nobody confirmed"
        ),
        ground="consent by double opt-in (Pasal 20 ayat 2 huruf a)",
        erasure="one tap ends it; the address is emptied, what waits to be sent there finds none",
    ),
    DataClass(
        key="subscription_sends",
        data="what a subscription was sent: which digest of which day, which delivery, why it was left out (no words)",
        tables=("subscription_sends",),
        kept_for="{deliveries}, and never longer than its subscription",
        ground="as their subscription",
        erasure="the rows go with the subscription",
    ),
    DataClass(
        key="duty",
        data="hours of duty: which account, for which desk, when",
        tables=("duty_shifts",),
        kept_for="{notices} after their end",
        ground="contract (Pasal 20 ayat 2 huruf b)",
        erasure="the row is deleted",
    ),
    DataClass(
        key="calls",
        data=("calls: which account was called of which alerts, when it was sent, who answered when (no words)"),
        tables=("calls", "call_notices"),
        kept_for="{notices}",
        ground="the team's legal duty (Pasal 20 ayat 2 huruf c)",
        erasure="the row is deleted; what it names of an alert goes with the alert",
    ),
    DataClass(
        key="webhooks",
        data="webhooks: address, what they are told of, the admin who set them up and why",
        tables=("webhooks",),
        kept_for="until an admin removes them",
        ground="as accounts",
        erasure="the row goes with its tries",
    ),
    DataClass(
        key="webhook_tries",
        data="tries to reach a webhook: time, status, duration",
        tables=("webhook_attempts",),
        kept_for="{deliveries}",
        ground="the team's legal duty (Pasal 20 ayat 2 huruf c)",
        erasure="no content is in them",
    ),
    DataClass(
        key="erased",
        data="what was erased: the key of the address (a hash), when",
        tables=("erased_items",),
        kept_for="{erasures}",
        ground="the duty to keep it erased (Pasal 43)",
        erasure="it serves to erase again after a backup is restored",
    ),
    DataClass(
        key="coverage_days",
        data="how well each region could be heard on each day: counts of sources, kabupaten and hours",
        tables=("coverage_days",),
        kept_for="{coverage}",
        ground="none is needed: they are about nobody",
        erasure="no content is in them",
    ),
    DataClass(
        key="processes",
        data="signs of life of processes: role, number, a keyed hash of the machine's name",
        tables=("processes",),
        kept_for="until the next process of that kind starts there",
        ground="none is needed: they are about nobody",
        erasure="no content is in them",
    ),
    DataClass(
        key="backups",
        data="backups",
        tables=(),
        kept_for="as many as `WASPADA_BACKUP_KEEP` says (14), where the operator makes any",
        ground="as what they hold",
        erasure="what is erased stays in a backup until that goes; a restore erases it again",
    ),
    DataClass(
        key="silences",
        data=(
            "silences, and which alert speaks for another: region, label, alert or report, end, account name, reason"
        ),
        tables=("silences", "alert_parents"),
        kept_for="{notices} after the silence's end, or after it was said; of a report with that report",
        ground="as accounts",
        erasure="phone numbers and addresses in a reason are masked before it is stored; the row is deleted",
    ),
    DataClass(
        key="seen",
        data="marks of what was read: which account had which revision of which alert before it, and when",
        tables=("alert_seen",),
        kept_for="with their alert",
        ground=("as accounts; each account sees its own marks only, and no page or address shows those of others"),
        erasure="the rows go with the alert",
    ),
    DataClass(
        key="exercises",
        data="exercises of the canary (fictional texts): item, story, alert, announced page",
        tables=("items", "stories", "alerts", "pages"),
        kept_for="{exercises}",
        ground="none is needed: they are about nobody",
        erasure="the rows are deleted",
    ),
    DataClass(
        key="headlines",
        data="headlines that a story had",
        tables=("story_headlines",),
        kept_for="as the title of the item they came from",
        ground="as their item",
        erasure="the row goes with its item; with a story's last item all of them go",
    ),
    DataClass(
        key="edits",
        data="merges and splits of stories: who, when, which items, why",
        tables=("story_edits", "story_edit_items"),
        kept_for="as long as the desk",
        ground="the team's legal duty (Pasal 20 ayat 2 huruf c)",
        erasure=(
            "an item's part in them goes with the item; the words of the reason go with the story's last item; "
            "the step stays"
        ),
    ),
    DataClass(
        key="views",
        data=(
            "saved views of the alert list: title (names no person), region, label, level, state, time, topic, "
            "whether shared; how far an account looked at each"
        ),
        tables=("saved_views", "view_looks"),
        kept_for="until their owner or an admin removes them, or their topic goes",
        ground="the team's legal duty (Pasal 20 ayat 2 huruf c)",
        erasure="the row is deleted with its feed; no words to look for are in it",
    ),
    DataClass(
        key="searches",
        data="searches for words",
        tables=(),
        kept_for="not kept",
        ground="the team's legal duty (Pasal 20 ayat 2 huruf c)",
        erasure="the audit log has a keyed hash of the words, the purpose and the ids of what was found",
    ),
    DataClass(
        key="exports",
        data="exports and feeds",
        tables=(),
        kept_for="not kept here; whoever takes a file or follows a feed answers for the copy",
        ground="the team's legal duty (Pasal 20 ayat 2 huruf c)",
        erasure=(
            "the audit log says who took what, when and what for; a copy outside is out of reach, and its "
            "alert's id tells what to ask to be erased"
        ),
    ),
    DataClass(
        key="accounts",
        data="accounts of this product, with their zone and language",
        tables=("users", "tokens"),
        kept_for="as long as the audit log that names them",
        ground="contract (Pasal 20 ayat 2 huruf b)",
        erasure=(
            "disabling an account revokes its tokens, ends its sessions, erases its channels and takes its open"
            " alerts out of its hand; the row stays"
        ),
    ),
    DataClass(
        key="credentials",
        data=(
            "what accounts sign in with: Argon2 hash of the password, sealed secret of the second step, keyed "
            "hashes of recovery codes; what the organisation's directory calls the holder (issuer, subject, "
            "name or mail address)"
        ),
        tables=("credentials", "external_logins"),
        kept_for="with their account, or until it is replaced or taken away",
        ground="contract (Pasal 20 ayat 2 huruf b)",
        erasure="taken away by the holder or an admin; nothing of it stands in the audit log",
    ),
    DataClass(
        key="tokens",
        data=(
            "tokens (hash, name, areas), sessions of the console (when begun and last used, how, kind of "
            'browser such as "Firefox, Windows"; no address), one-time links'
        ),
        tables=("tokens",),
        kept_for="{tokens} after their end",
        ground="contract; security of processing (Pasal 35)",
        erasure="the row is deleted",
    ),
    DataClass(
        key="sign_ins",
        data="failed tries to sign in: keyed hash of the address or the account, how many, when last",
        tables=("sign_in_failures",),
        kept_for="{sign_ins}",
        ground="security of processing (Pasal 35)",
        erasure="the row is deleted",
    ),
    DataClass(
        key="audit",
        data="audit log",
        tables=("audit", "audit_checkpoints"),
        kept_for="as long as the installation",
        ground="legal duty",
        erasure="never changed: it holds account names, ids, counts and keyed hashes, and no words of an item",
    ),
    DataClass(
        key="stops",
        data="stops of the collection: what was stopped, by which account, from when to when, reasons",
        tables=("collection_stops",),
        kept_for="as long as the desk",
        ground="the team's legal duty (Pasal 20 ayat 2 huruf c)",
        erasure=("phone numbers and addresses in a reason are masked before it is stored; no content is in them"),
    ),
    DataClass(
        key="corrections",
        data=(
            "requests from outside to correct or erase something, and objections: about which item, story or "
            "alert, what was asked, why, what was decided; no name, contact or document of who asked"
        ),
        tables=("corrections",),
        kept_for=("words {corrections} after the decision; that there was one, and its outcome, as long as the desk"),
        ground="the team's legal duty (Pasal 20 ayat 2 huruf c)",
        erasure="the words of the request and of the decision are emptied",
    ),
    DataClass(
        key="erasures",
        data=(
            "that items of an alert were erased: when, how many, on request or because they were deleted at their place"
        ),
        tables=("erasures",),
        kept_for="as long as the alert",
        ground="the team's legal duty (Pasal 20 ayat 2 huruf c)",
        erasure="no content is in them",
    ),
    DataClass(
        key="embeddings",
        data="embeddings and fingerprints (numbers made of a text)",
        tables=("tags", "fingerprints", "bands"),
        kept_for="with their item",
        ground="as their item",
        erasure="go with their item",
    ),
    DataClass(
        key="words",
        data="index of the words of items, for searches",
        tables=(),
        kept_for="with the text",
        ground="as their item",
        erasure=(
            "no search finds a removed text from the same transaction on; on SQLite its letters leave the file "
            "with the next purge, within six hours"
        ),
    ),
    DataClass(
        key="raw_pages",
        data="raw pages",
        tables=("archived_pages",),
        kept_for=(
            "not kept, unless the operator sets `WASPADA_ARCHIVE_PAGES`: then 30 days (`WASPADA_ARCHIVE_DAYS`, "
            "at most 2 years) and below a ceiling in bytes; never of post streams"
        ),
        ground="public interest; evidence of what an outlet published, for corrections and disputes",
        erasure=(
            "the row goes with its item and with the article's text; the same purge removes the file (one "
            "younger than an hour at the next), and files that no row knows"
        ),
    ),
)
