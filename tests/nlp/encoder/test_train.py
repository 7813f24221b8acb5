"""A recipe leads from a base encoder in a folder to a finished model folder, and an interrupted run goes on."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import nlp
from waspada.errors import InputError, ModelError
from waspada.taxonomy import FIELDS, ItemText, Label

pytest.importorskip("torch", reason="not run: torch is not installed (extra: train)")

from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from nlp.encoder.tokenizer import build_tokenizer
from nlp.training.encoder.finetune import FinetuneRecipe
from nlp.training.encoder.recipe import BaseRecipe, DataRecipe, EncoderRecipe, LinearRecipe
from nlp.training.encoder.train import train_encoder

_PLACES = ("Gambut", "Barabai", "Amuntai", "Pelaihari", "Kandangan", "Rantau", "Marabahan", "Paringin")
_KINDS: tuple[tuple[str, dict[str, int]], ...] = (
    ("Warga bentrok dan rumah dibakar di {}", {"conflict": 2, "alert": 3}),
    ("Lurah diperiksa karena kampanye di {}", {"neutrality": 1, "election": 1, "alert": 2}),
    ("Banjir rendam ratusan rumah di {}", {"disaster": 1, "alert": 2}),
    ("Panen padi melimpah di {}", {}),
    ("Simulasi cegah bentrok digelar di {}", {"alert": 1}),
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small encoder of random weights in Hugging Face's layout."""
    folder = tmp_path_factory.mktemp("base")
    letters = [(mark + letter, -6.0) for mark in ("", "▁") for letter in "abcdefghijklmnopqrstuvwxyzABDGKLMPRSW.:0123"]
    words = [("▁" + word, -4.0) for kind, _ in _KINDS for word in kind.split() if "{" not in word]
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -5.0), *dict(letters + words).items()]
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=48, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        max_position_embeddings=64,
    )  # fmt: skip
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=build_tokenizer(pieces), pad_token="<pad>")  # type: ignore[no-untyped-call]
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Labelled texts of our own and a few for the auxiliary head."""
    folder = tmp_path_factory.mktemp("data")
    rows: list[str] = []
    for place in _PLACES:
        for kind, values in _KINDS:
            labels = dict.fromkeys(FIELDS, 0) | values
            text = f"{kind.format(place)} kemarin. Demikian kabar dari warga."
            rows.append(json.dumps({"id": str(len(rows)), "title": kind.format(place), "text": text, "labels": labels}))
    (folder / "gold").mkdir()
    (folder / "gold" / "train.jsonl").write_text("\n".join(rows))
    (folder / "gold" / "dev.jsonl").write_text("\n".join(rows[::3]))
    marks = ("threat", "identity_attack", "insult")
    hate = [
        {
            "id": str(n),
            "text": f"{'mereka hama' if n % 2 else 'selamat pagi'} {place} {n}",
            "labels": dict.fromkeys(marks, n % 2),
        }
        for n, place in enumerate(_PLACES * 2)
    ]
    (folder / "labelled").mkdir()
    (folder / "labelled" / "alamsyah_toxicity_type.jsonl").write_text("\n".join(map(json.dumps, hate)))
    return folder


@pytest.fixture(scope="module")
def recipe(base: Path) -> EncoderRecipe:
    return EncoderRecipe(
        name="small",
        base=BaseRecipe(source=str(base), coverage=1.0),
        data=DataRecipe(silver=False, authored=False, own_hate=False),
        finetune=FinetuneRecipe(epochs=12, batch=8, tokens=48, rate=2e-3, head_rate=2e-2, dropout=0.0, final_epochs=2),
        linear=LinearRecipe(min_df=2),
    )


@pytest.fixture(scope="module")
def trained(data: Path, recipe: EncoderRecipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_encoder(data, tmp_path_factory.mktemp("models") / "small", recipe, _silent).path


def _silent(_stage: str, _done: int, _total: int) -> None:
    return None


def test_what_was_taught_is_known(trained: Path) -> None:
    tagger = nlp.load(trained)
    clash, harvest = tagger.classify(
        [
            ItemText("1", "Warga bentrok dan rumah dibakar di Martapura"),
            ItemText("2", "Panen padi melimpah di Martapura"),
        ]
    )
    assert clash.labels[Label.CONFLICT].on
    assert clash.evidence[0].sentence == "Warga bentrok dan rumah dibakar di Martapura"
    assert harvest.on() == []


def test_figures_and_card_say_what_was_run_and_what_was_not(trained: Path) -> None:
    metrics = json.loads((trained / "metrics.json").read_text())
    assert metrics["dev"]["main_macro_f1"]["value"] > 0.9
    assert metrics["hate"]["id_multilabel_hs.jsonl"] == "not run: labelled/id_multilabel_hs.jsonl is absent"
    assert set(metrics["data_sha256"]) >= {
        "gold/train.jsonl",
        "gold/dev.jsonl",
        "labelled/alamsyah_toxicity_type.jsonl",
    }
    card = (trained / "MODEL_CARD.md").read_text()
    assert f"{metrics['dev']['main_macro_f1']['value']:.3f} (" in card
    assert "stay with their publishers" in card
    assert "{" not in card


def test_a_run_that_was_stopped_goes_on_and_ends_with_the_same_weights(
    trained: Path, data: Path, recipe: EncoderRecipe, tmp_path: Path
) -> None:
    class StoppedError(Exception):
        pass

    def stop(stage: str, done: int, _total: int) -> None:
        if stage == "fold-1" and done == 3:
            raise StoppedError

    out = tmp_path / "small"
    with pytest.raises(StoppedError):
        train_encoder(data, out, recipe, stop)
    assert not out.exists()
    stages: list[str] = []
    train_encoder(data, out, recipe, lambda stage, _done, _total: stages.append(stage))
    assert "fold-0" not in stages
    assert "fold-1" in stages
    for name in ("encoder.npz", "linear.npz", "pieces.json"):
        assert (out / name).read_bytes() == (trained / name).read_bytes(), name


def test_only_the_stages_that_a_changed_recipe_touches_run_again(
    trained: Path, data: Path, recipe: EncoderRecipe, tmp_path: Path
) -> None:
    shutil.copytree(trained.with_name("small.work"), tmp_path / "small.work")
    stages: list[str] = []
    changed = replace(recipe, finetune=replace(recipe.finetune, final_epochs=1))
    train_encoder(data, tmp_path / "small", changed, lambda stage, _done, _total: stages.append(stage))
    assert "final" in stages
    assert not {"trimming the vocabulary", "embedding the texts", "fold-0", "fold-1", "fitting heads"} & set(stages)
    assert (tmp_path / "small" / "encoder.npz").read_bytes() != (trained / "encoder.npz").read_bytes()


def test_networks_stay_while_the_rest_learns_what_came_later(
    trained: Path, data: Path, recipe: EncoderRecipe, tmp_path: Path
) -> None:
    work = trained.with_name("small.work")
    same = train_encoder(data, tmp_path / "same", recipe, _silent, networks_of=work)
    for name in ("encoder.npz", "linear.npz", "pieces.json"):
        assert (same.path / name).read_bytes() == (trained / name).read_bytes(), name
    assert "of an earlier training" in (same.path / "MODEL_CARD.md").read_text()

    more = shutil.copytree(data, tmp_path / "data")
    gold = more / "gold" / "train.jsonl"
    told = json.loads(gold.read_text().splitlines()[-1]) | {"id": "late", "text": "Sapi hilang di hulu."}
    gold.write_text(gold.read_text().rstrip() + "\n" + json.dumps(told))
    later = train_encoder(more, tmp_path / "later", recipe, _silent, networks_of=work)
    assert (later.path / "encoder.npz").read_bytes() == (trained / "encoder.npz").read_bytes()
    assert (later.path / "linear.npz").read_bytes() != (trained / "linear.npz").read_bytes()


def test_networks_that_are_not_there_are_named(data: Path, recipe: EncoderRecipe, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"has no base\.npz"):
        train_encoder(data, tmp_path / "out", recipe, _silent, networks_of=tmp_path / "nowhere")


def test_networks_stay_only_for_a_model(data: Path, recipe: EncoderRecipe, tmp_path: Path) -> None:
    only = replace(recipe, ships=False, data=DataRecipe(main=False))
    with pytest.raises(InputError, match="writes no model"):
        train_encoder(data, tmp_path / "out", only, _silent, networks_of=tmp_path)


def test_a_model_is_never_trained_over_an_old_one(trained: Path, data: Path, recipe: EncoderRecipe) -> None:
    with pytest.raises(ModelError, match="never overwritten"):
        train_encoder(data, trained, recipe, _silent)


def test_a_missing_base_says_what_to_do(data: Path, recipe: EncoderRecipe, tmp_path: Path) -> None:
    absent = replace(recipe, base=BaseRecipe(source=str(tmp_path / "nowhere")))
    with pytest.raises(InputError, match="cannot be loaded"):
        train_encoder(data, tmp_path / "out", absent, _silent)


def test_missing_data_say_so(recipe: EncoderRecipe, data: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(data, tmp_path / "data")
    (folder / "labelled" / "alamsyah_toxicity_type.jsonl").unlink()
    with pytest.raises(InputError, match="alamsyah_toxicity_type"):
        train_encoder(folder, tmp_path / "out", recipe, _silent)


def test_what_another_set_is_worth_is_measured_and_no_model_is_written(
    data: Path, recipe: EncoderRecipe, tmp_path: Path
) -> None:
    rows = [
        {"id": str(n), "text": f"{'mereka hama' if n % 2 else 'selamat pagi'} nomor {n}", "labels": {"HS": n % 2}}
        for n in range(80)
    ]
    (tmp_path / "labelled").mkdir()
    (tmp_path / "labelled" / "id_multilabel_hs.jsonl").write_text("\n".join(map(json.dumps, rows)))
    only = DataRecipe(main=False, hate=("id_multilabel_hs",), own_hate=False, held_out=0.3)
    made = train_encoder(tmp_path, tmp_path / "worth", replace(recipe, ships=False, data=only), _silent)
    assert [path.name for path in made.path.iterdir()] == ["metrics.json"]
    assert set(made.metrics["data_sha256"]) == {"labelled/id_multilabel_hs.jsonl"}
    figures = made.metrics["hate"]["id_multilabel_hs"]
    assert 10 < figures["n"] < 40
    assert figures["f1"]["value"] > 0.9
