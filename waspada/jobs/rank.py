"""grouped -> alert: every story that changed is assessed again; live alerts are rescored as time passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from waspada.alerts import decisions, weight_versions, writer
from waspada.alerts.eligibility import Member
from waspada.alerts.scoring import Surroundings, assess, label_of, region_of
from waspada.alerts.volume import Volumes
from waspada.alerts.vulnerability import load_vulnerability, vulnerability
from waspada.alerts.weights import Weights
from waspada.calendar import Stage, load_stages, stage_at
from waspada.clock import local_day
from waspada.items.repository import reject
from waspada.jobs.batches import done_or_set_aside
from waspada.settings import Settings
from waspada.sources.types import SourceRole
from waspada.store import Store
from waspada.store.tables import AlertRow, StoryRow

BATCH_STORIES = 64
#: A live alert is rescored when its score is older than this; novelty fades and the vote comes closer.
RESCORE_AFTER = timedelta(minutes=15)
#: An alert without news for so long is rescored no more; its score stays where it faded to.
LIVE_FOR = timedelta(days=4)


@dataclass(frozen=True, slots=True)
class RankingData:
    """The editable data that ranking reads, and the settings it obeys.

    `weights` are used whatever the store says; None stands for those in use there, which are the prior in a store of
    its own (`waspada backtest`): a replay never learns from days that were still to come.
    """

    settings: Settings
    stages: tuple[Stage, ...]
    priors: dict[str, float]
    weights: Weights | None = None

    @classmethod
    def load(cls, settings: Settings, weights: Weights | None = None) -> RankingData:
        """Raises SettingsError when a file cannot be read."""
        stages, priors = load_stages(settings.calendar_file), load_vulnerability(settings.vulnerability_file)
        return cls(settings, stages, priors, weights)


def rank_stale(store: Store, data: RankingData, now: datetime, limit: int = BATCH_STORIES) -> int:
    """Assesses at most `limit` stories that changed; returns how many."""

    with store.read() as session:
        stale = session.scalars(select(StoryRow.id).where(StoryRow.stale).order_by(StoryRow.id).limit(limit)).all()

    def work(session: Session, ids: Sequence[int]) -> None:
        query = select(StoryRow).where(StoryRow.id.in_(ids), StoryRow.stale).order_by(StoryRow.id)
        volumes = Volumes(now)
        for story in session.scalars(query.with_for_update(skip_locked=True)).all():
            rank_story(session, story, data, now, volumes)

    def give_up(session: Session, story_id: int, error: Exception) -> None:
        session.execute(update(StoryRow).where(StoryRow.id == story_id).values(stale=False))
        reject(session, "rank", f"story {story_id}", f"{type(error).__name__}: {error}", now)

    return done_or_set_aside(store, stale, work, give_up)


def rescore_live(store: Store, now: datetime, limit: int = BATCH_STORIES) -> int:
    """Marks the stories of live alerts whose score is old, so that `rank_stale` takes them; returns how many."""

    def work(session: Session) -> int:
        old = session.scalars(
            select(AlertRow.story_id)
            .where(
                AlertRow.last_item_at > now - LIVE_FOR,
                AlertRow.ranked_at < now - RESCORE_AFTER,
                AlertRow.level > 0,
                AlertRow.state.not_in(writer.FINISHED),
            )
            .order_by(AlertRow.ranked_at)
            .limit(limit)
        ).all()
        session.execute(update(StoryRow).where(StoryRow.id.in_(old)).values(stale=True))
        return len(old)

    return store.retrying(work)


def rank_story(
    session: Session, story: StoryRow, data: RankingData, now: datetime, volumes: Volumes | None = None
) -> AlertRow | None:
    """Assesses one story as of `now` and writes its alert. `volumes` are those of a batch, read once for all of it."""
    members = writer.members(session, story.id)
    around = surroundings(session, story.id, members, data, volumes or Volumes(now))
    news_for = timedelta(days=data.settings.alert_news_days)
    weights = data.weights or weight_versions.in_use(session)
    found, is_exercise = assess(members, around, weights), all(one.role is SourceRole.EXERCISE for one in members)
    alert = writer.save(session, story, found, now, news_for, is_exercise=is_exercise)
    if not members:
        writer.forget_headline(session, story)
    story.stale = False
    session.flush()
    return alert


def surroundings(
    session: Session, story_id: int, members: Sequence[Member], data: RankingData, volumes: Volumes
) -> Surroundings:
    """What stands beside a story as of `volumes.now`: the calendar, its region, other stories, decisions of people."""
    now, voices = volumes.now, data.settings.min_voices
    region, label = region_of(members, voices), label_of(members, voices)
    if label is None:  # no alert: nothing beside the story is looked at
        return Surroundings(now=now, min_voices=voices)
    return Surroundings(
        now=now,
        min_voices=voices,
        stage=stage_at(local_day(now, data.settings.zone_info), region, data.stages),
        vulnerability=vulnerability(region, data.priors),
        windows=volumes.windows(session, region, label, story_id),
        feedback=decisions.feedback(session, region, label, story_id, now),
        told=writer.told_before(session, story_id, members),
    )
