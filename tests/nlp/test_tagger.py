"""The shipped tagger keeps the contract of `waspada classify` for any text, in any order, every time the same."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nlp
from nlp.model_folder import read_folder
from nlp.tagger import BaselineTagger
from tests.nlp.contract import check_contract
from waspada.taxonomy import EMBEDDING_DIM, ItemText, Label, Tagger

REPOSITORY = Path(__file__).resolve().parents[2]
ARTICLE = ItemText(
    "a",
    "Dua Kelompok Warga Bentrok di Gambut, Tiga Rumah Dibakar",
    "Bentrokan antarwarga pecah di Kecamatan Gambut, Kabupaten Banjar, Selasa malam. Tiga rumah dibakar massa dan dua "
    "orang luka-luka. Polisi berjaga di lokasi. Pasar tetap buka seperti biasa.",
)
PREVENTION = ItemText(
    "b",
    "Polres Gelar Simulasi Pengamanan Pilkada",
    "Polres Banjar menggelar simulasi untuk mencegah konflik. Kapolres mengajak warga menjaga situasi tetap damai.",
)
#: Characters that break careless readers: lone surrogates, controls, joiners, right-to-left marks, astral planes.
_ODD = st.text(alphabet=st.characters(codec=None), max_size=400)


def test_it_is_a_tagger(tagger: BaselineTagger) -> None:
    as_protocol: Tagger = tagger
    assert as_protocol.model.startswith(nlp.BASELINE)


def test_a_clash_is_told_from_a_drill(tagger: BaselineTagger) -> None:
    clash, drill = tagger.classify([ARTICLE, PREVENTION])
    assert clash.labels[Label.CONFLICT].on
    assert clash.conflict_level >= 2
    assert clash.alert_level >= 2
    assert not drill.labels[Label.CONFLICT].on
    assert drill.alert_level <= 1
    shown = [e.sentence for e in clash.evidence if e.label is Label.CONFLICT]
    assert ARTICLE.title in shown
    assert not any("Pasar tetap buka" in sentence for sentence in shown)


def test_places_are_those_of_the_gazetteer(tagger: BaselineTagger) -> None:
    (tags,) = tagger.classify([ARTICLE])
    assert {"63.03"} <= {mention.code[:5] for mention in tags.places}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=_ODD, text=_ODD)
def test_any_text_keeps_the_contract(tagger: BaselineTagger, title: str, text: str) -> None:
    item = ItemText("x", title, text)
    (tags,) = tagger.classify([item])
    check_contract(item, tags)
    (again,) = tagger.classify([item])
    assert again.as_contract() == tags.as_contract()


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t ",
        "\x00\x01\x02",
        "\ud800\udfff \udc00",
        "😀🔥" * 500,
        "新聞記事です。衝突が起きた。",
        "اشتباك بين مجموعتين",
        "a" * 1_000_000,
        "Warga bentrok. " * 70_000,
        "x. " * 500,
        "!" * 10_000,
        "\n" * 10_000,
    ],
    ids=["empty", "blank", "control", "surrogates", "emoji", "japanese", "arabic", "one word of 1 MB", "1 MB",
         "many sentences", "stops", "lines"],
)  # fmt: skip
def test_odd_text_is_tagged_without_a_word(tagger: BaselineTagger, text: str) -> None:
    for item in (ItemText("x", text=text), ItemText("x", title=text), ItemText("x", text, text)):
        (tags,) = tagger.classify([item])
        check_contract(item, tags)


def test_an_empty_item_is_nothing(tagger: BaselineTagger) -> None:
    (tags,) = tagger.classify([ItemText("x")])
    assert tags.on() == []
    assert (tags.alert_level, tags.evidence) == (0, ())


def test_no_items_give_no_tags(tagger: BaselineTagger) -> None:
    assert tagger.classify([]) == []
    assert tagger.embed([]).shape == (0, EMBEDDING_DIM)


def test_order_and_company_do_not_matter(tagger: BaselineTagger) -> None:
    alone = [tagger.classify([item])[0].as_contract() for item in (ARTICLE, PREVENTION)]
    assert [tags.as_contract() for tags in tagger.classify([PREVENTION, ARTICLE])] == alone[::-1]


def test_the_embedding_of_a_near_copy_is_close_and_of_another_story_far(tagger: BaselineTagger) -> None:
    copy = ItemText("c", ARTICLE.title, ARTICLE.text.replace("Polisi berjaga", "Aparat berjaga"))
    vectors = tagger.embed([ARTICLE, copy, PREVENTION, ItemText("e"), ItemText("f", "...")])
    assert float(vectors[0] @ vectors[1]) > 0.9
    assert float(vectors[0] @ vectors[2]) < 0.4
    assert np.array_equal(vectors[3], vectors[4])
    assert np.array_equal(vectors[0], tagger.classify([ARTICLE])[0].embedding)


def test_the_shipped_folder_is_small_and_holds_no_text() -> None:
    folder = REPOSITORY / "models" / nlp.BASELINE
    files = {path.name: path.stat().st_size for path in folder.iterdir()}
    assert set(files) == {"config.json", "weights.npz", "metrics.json", "MODEL_CARD.md"}
    assert sum(files.values()) < 12 * 2**20
    weights = read_folder(folder).weights
    assert {getattr(weights, name).dtype.kind for name in weights.__slots__} <= {"i", "u", "f"}


def test_the_runtime_needs_no_training_library() -> None:
    program = textwrap.dedent(
        """
        import sys

        class Refuse:
            def find_spec(self, name, path=None, target=None):
                if name.split(".")[0] in {"sklearn", "scipy", "torch", "transformers", "joblib"}:
                    raise ImportError(f"{name} is refused here")

        sys.meta_path.insert(0, Refuse())
        import nlp
        tags = nlp.load().classify([nlp.ItemText("1", "Warga bentrok di Gambut", "Dua orang luka.")])
        assert tags[0].labels and not {"sklearn", "scipy", "torch"} & set(sys.modules)
        print(tags[0].model)
        """
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=REPOSITORY, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(nlp.DEFAULT_MODEL)
