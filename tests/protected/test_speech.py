"""The set is what its README says: five equal parts, posts and articles, a third from Kalimantan, nothing alike."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from itertools import combinations
from pathlib import Path

from nlp.evaluation.protected import SPEECH, Part, ProtectedItem, read_items
from waspada.taxonomy import ItemKind

#: Changing an item changes this line too, in the open. A model's score is never the reason (README, "The rule").
SPEECH_SHA256 = "089ed56dfaeef9e0c6b5316cd4f27ef746fd42555a9b26c629a679fbef05d045"

#: The authored texts that models are trained on.
AUTHORED = Path(__file__).resolve().parents[2] / "nlp" / "training" / "authored"

#: Names that place an item in Kalimantan; `kada` and `bubuhan` mark Banjarese.
KALIMANTAN = re.compile(
    r"\b(Kalimantan|Kalsel|Kaltim|Kalteng|Kalbar|Kaltara|Borneo|Banjarmasin|Banjarbaru|Martapura|Gambut|Loktabat|"
    r"Kandangan|Amuntai|Barabai|Tabalong|Tapin|Tanah Bumbu|Tanah Laut|Batulicin|Kotabaru|Pulau Laut|Hulu Sungai|"
    r"Barito|Lok Baintan|Loksado|Danau Panggang|Trisakti|Lambung|Palangka|Kahayan|Sampit|Kotim|Katingan|Kapuas|"
    r"Murung Raya|Muara Teweh|Kotawaringin|Samarinda|Balikpapan|Bontang|Kutai|Kukar|Tenggarong|Mahakam|Penajam|"
    r"Berau|Tarakan|Nunukan|Krayan|Malinau|Tanjung Selor|Pontianak|Singkawang|Sintang|Sanggau|Ketapang|Landak|"
    r"Bengkayang|Putussibau|[Kk]ada|[Bb]ubuhan)\b"
)
#: Anything that looks like a handle, a link, a phone number or an identity number.
PERSONAL = re.compile(r"@\w|https?://|www\.|\d{6,}")


def _whole(one: ProtectedItem) -> str:
    return f"{one.item.title} {one.item.text}".strip()


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[n : n + 3]) for n in range(len(words) - 2)}


def test_there_are_64_items_in_each_of_five_parts() -> None:
    assert Counter(one.part for one in read_items()) == dict.fromkeys(Part, 64)


def test_ids_count_up_and_none_is_used_twice() -> None:
    assert [one.item.id for one in read_items()] == [f"ps-{n:03d}" for n in range(1, 321)]


def test_half_of_each_part_are_posts_and_half_articles() -> None:
    kinds = Counter((one.part, one.item.kind) for one in read_items())
    assert kinds == {(part, kind): 32 for part in Part for kind in (ItemKind.ARTICLE, ItemKind.POST)}


def test_articles_have_a_headline_and_posts_have_none() -> None:
    for one in read_items():
        assert one.item.text.strip(), one.item.id
        assert bool(one.item.title.strip()) is (one.item.kind is ItemKind.ARTICLE), one.item.id


def test_about_a_third_comes_from_kalimantan() -> None:
    items = read_items()
    from_kalimantan = sum(bool(KALIMANTAN.search(_whole(one))) for one in items)
    assert 0.30 <= from_kalimantan / len(items) <= 0.40


def test_no_two_items_share_a_skeleton() -> None:
    shingled = [(one.item.id, _shingles(_whole(one))) for one in read_items()]
    alike = [
        (a, b) for (a, left), (b, right) in combinations(shingled, 2) if len(left & right) > 0.15 * len(left | right)
    ]
    assert alike == []


def test_no_item_is_copied_into_the_authored_training_texts() -> None:
    lines = [line for path in AUTHORED.rglob("*.jsonl") for line in path.read_text(encoding="utf-8").splitlines()]
    texts = [json.loads(line) for line in lines]
    assert texts, f"no authored training texts in {AUTHORED}"
    trained = set().union(*(_shingles(f"{one.get('title') or ''} {one['text']}") for one in texts))
    # A few shingles of everyday phrases are shared by any two texts; a copied sentence shares most of them.
    seen = {one.item.id: _shingles(_whole(one)) for one in read_items()}
    assert [name for name, own in seen.items() if len(own & trained) > 0.4 * len(own)] == []


def test_no_item_holds_a_handle_a_link_or_a_long_number() -> None:
    assert [one.item.id for one in read_items() if PERSONAL.search(_whole(one))] == []


def test_the_hard_words_are_there() -> None:
    text = "\n".join(_whole(one).lower() for one in read_items())
    hard = ["lawan", "gugat", "rusak", "curang", "tolak", "desak", "mundur", "perlawanan", "bakar semangat"]
    hard += ["mati suri", "hancur", "bohong", "kepung", "serang", "boikot", "mogok", "hoaks"]
    assert [word for word in hard if word not in text] == []


def test_the_set_is_the_one_that_was_frozen() -> None:
    assert hashlib.sha256(SPEECH.read_bytes()).hexdigest() == SPEECH_SHA256
