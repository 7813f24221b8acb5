"""The language of a text by its function words and affixes: Indonesian, Banjar, Javanese, English, Malay, other, none.

Close relatives share most of their words, so a language is told by the words that are its own; Indonesian wins a tie
with Malay, as nearly all sources write it, and a relative of it is told by a word of its own or by two that lean to it:
"Lawan korupsi" is no Banjar. Accuracy: tests/items/test_language.py and docs/architecture.md.
"""

from __future__ import annotations

import re
from collections import defaultdict

from waspada.items.language_words import (
    AFFIXES,
    DISTINCTIVE,
    ENGLISH,
    INDONESIAN,
    LEANING,
    OTHER,
    WEIGHTS,
)

#: What is looked at of a text, in words: enough to tell, and the time stays flat.
MAX_WORDS = 2000
_MAX_CHARS = 40_000
#: Addresses, mentions, hashtags and the masks of the door say nothing of a language.
_NOISE = re.compile(r"https?://\S+|www\.\S+|[@#]\S+|\[(?:akun|telepon|surel|nik|rekening)\]", re.IGNORECASE)
_WORD = re.compile(r"[a-zà-öø-ÿ]+(?:'[a-z]+)?")
#: Weight that the words must have together, and on average, before they say anything.
_LEAST_WEIGHT = DISTINCTIVE
_LEAST_SHARE = 0.25


def language_of(text: str) -> str | None:
    """ "id", "bjn", "jv", "en" or "ms"; "other" for another language that is known here; None where nothing tells."""
    words = _WORD.findall(_NOISE.sub(" ", text[:_MAX_CHARS]).lower().replace("’", "'"))[:MAX_WORDS]
    scores = _scores(words)
    if not scores:
        return None
    told = {lang: score for lang, score in scores.items() if _is_told(lang, words)}
    best = max(told, key=lambda lang: (told[lang], lang == INDONESIAN), default=OTHER)
    if scores[best] < max(_LEAST_WEIGHT, _LEAST_SHARE * len(words)):
        return None
    return best


def _is_told(lang: str, words: list[str]) -> bool:
    """Whether a text may be said to be in a language, if that fits best."""
    if lang in (INDONESIAN, ENGLISH, OTHER):
        return True
    weights = [WEIGHTS[word].get(lang, 0.0) for word in set(words) if word in WEIGHTS]
    return DISTINCTIVE in weights or weights.count(LEANING) >= 2


def _scores(words: list[str]) -> dict[str, float]:
    scores: defaultdict[str, float] = defaultdict(float)
    for word in words:
        for lang, weight in (WEIGHTS.get(word) or _by_form(word)).items():
            scores[lang] += weight
    return scores


def _by_form(word: str) -> dict[str, float]:
    """What the affixes of a word that is in no list speak for."""
    if len(word) > 40:
        return {}
    return next((dict.fromkeys(langs, weight) for form, langs, weight in AFFIXES if form.fullmatch(word)), {})
