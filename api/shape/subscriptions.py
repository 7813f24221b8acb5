"""From what the store says of subscriptions and deliveries to the documents of the API, and back."""

from __future__ import annotations

from datetime import datetime

from api import schemas
from api.shape.places import place
from waspada.digests.types import Rendered
from waspada.subscriptions.deliveries import DeliveryLine
from waspada.subscriptions.types import Rhythm, Send, Subscription, Topic


def subscription(one: Subscription, now: datetime) -> schemas.SubscriptionOut:
    return schemas.SubscriptionOut(
        id=one.id,
        channel=one.channel,
        address=one.shown,
        state=one.state(now),
        region=place(one.topic.region),
        labels=list(one.topic.labels),
        min_level=one.topic.min_level,
        language=one.topic.language,
        zone=one.rhythm.zone,
        period=one.rhythm.period,
        days=list(one.rhythm.days),
        hour=one.rhythm.hour,
        quiet_from=one.rhythm.quiet_from,
        quiet_until=one.rhythm.quiet_until,
        created_at=one.created_at,
        created_by=one.created_by,
        asked_at=one.opt_in_at,
        confirmed_at=one.confirmed_at,
        paused_until=one.paused_until,
        next_due_at=one.next_due_at,
        ended_at=one.ended_at,
        end_reason=one.end_reason,
        bounces=one.bounces,
    )


def topic_of(given: schemas.SubscriptionFilterIn) -> Topic:
    return Topic(given.region, tuple(given.labels), given.min_level, given.language)


def rhythm_of(given: schemas.SubscriptionFilterIn) -> Rhythm:
    return Rhythm(given.period, tuple(given.days), given.hour, given.zone, given.quiet_from, given.quiet_until)


def send(one: Send) -> schemas.SendOut:
    return schemas.SendOut(
        kind=one.kind,
        occasion=one.occasion,
        at=one.at,
        state=one.state,
        digest_id=one.digest_id,
        delivery_id=one.delivery_id,
        skipped=one.skipped,
        ended_at=one.ended_at,
        attempts=one.attempts,
        problem=one.problem,
    )


def digest_preview(words: Rendered) -> schemas.DigestPreviewOut:
    return schemas.DigestPreviewOut(subject=words.subject, text=words.text, html=words.html, chat=words.chat)


def delivery(one: DeliveryLine) -> schemas.DeliveryOut:
    return schemas.DeliveryOut(
        id=one.id,
        channel=one.channel,
        target=one.target,
        about=one.about,
        subscription_id=one.subscription_id,
        state=one.state,
        created_at=one.created_at,
        due_at=one.due_at,
        attempts=one.attempts,
        next_try_at=one.next_try_at,
        ended_at=one.ended_at,
        problem=one.problem,
    )
