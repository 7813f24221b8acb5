"""A recipe says what it means or is refused with its name."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="not run: torch is not installed (extra: train)")

from nlp.training.encoder.recipe import EncoderRecipe, read_recipe
from waspada.errors import InputError

RECIPES = Path(__file__).resolve().parents[3] / "models" / "recipes"
#: Sets whose licences let weights that saw them be given away (nlp/training/hate.py).
FREE_SETS = {"alamsyah_toxicity_type"}


def _read(tmp_path: Path, text: str) -> EncoderRecipe:
    path = tmp_path / "own.toml"
    path.write_text(text)
    return read_recipe(path)


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_recipe_is_read_and_named_like_its_file(path: Path) -> None:
    recipe = read_recipe(path)
    assert recipe.name == path.stem
    assert not recipe.ships or set(recipe.data.hate) <= FREE_SETS
    assert isinstance(recipe.data.hate, tuple)


def test_there_are_recipes() -> None:
    assert {path.stem for path in RECIPES.glob("*.toml")} >= {"waspada-id-v1", "hate-nc"}


def test_what_is_not_named_keeps_its_default(tmp_path: Path) -> None:
    assert _read(tmp_path, 'name = "own"') == EncoderRecipe("own")


def test_what_is_named_is_taken(tmp_path: Path) -> None:
    recipe = _read(
        tmp_path,
        'name = "own"\nseed = 3\nships = false\n[data]\nhate = ["a", "b"]\n[finetune]\nrate = 1\nepochs = 2\n'
        "[linear]\nview_weights = [1.0, 2.0, 3.0]\n",
    )
    assert (recipe.seed, recipe.ships, recipe.data.hate) == (3, False, ("a", "b"))
    assert recipe.finetune.epochs == 2
    assert type(recipe.finetune.rate) is float
    assert recipe.linear.view_weights == (1.0, 2.0, 3.0)
    assert recipe.pretrain == EncoderRecipe("x").pretrain
    assert recipe.as_dict()["finetune"]["rate"] == 1.0


def test_weights_made_anew_have_another_name(tmp_path: Path) -> None:
    assert _read(tmp_path, 'name = "own"').version == "own+7"
    assert _read(tmp_path, 'name = "own"\nseed = 3\nrevision = 4').version == "own+3.4"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('name = "own"\ncolour = "red"', "colour"),
        ('name = "own"\nrevision = -1', "revision"),
        ('name = "own"\n[finetune]\nepoch = 3', "FinetuneRecipe knows no epoch"),
        ('name = "own"\n[fine]\nepochs = 3', "fine"),
        ('name = "own"\n[decide]\nfolds = 1', "decide.folds is 1, not between 2 and 20"),
        ('name = "own"\n[finetune]\ntokens = 6', "finetune.tokens is 6"),
        ('name = "own"\n[data]\nheld_out = nan', "data.held_out is nan"),
    ],
)
def test_an_unknown_key_is_named(tmp_path: Path, text: str, wrong: str) -> None:
    with pytest.raises(InputError, match=rf"own\.toml is not a recipe: .*{wrong}") as caught:
        _read(tmp_path, text)
    assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "name = 5",
        'name = "own"\nseed = "7"',
        'name = "own"\nseed = 7.5',
        'name = "own"\nseed = true',
        'name = "own"\nships = 1',
        'name = "own"\n[finetune]\nrate = "fast"',
        'name = "own"\n[finetune]\nrate = true',
        'name = "own"\n[data]\nhate = "alamsyah_toxicity_type"',
        'name = "own"\ndata = 5',
        'name = "own"\nfinetune = "quick"',
        'name = "own"\n[seed]\nvalue = 7',
        "[finetune]\nepochs = 3",
    ],
)
def test_a_wrong_type_or_a_missing_name_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"own\.toml is not a recipe"):
        _read(tmp_path, text)


@pytest.mark.parametrize(
    "text", ['name = ["own"]', 'name = "own"\nseed = [7]', 'name = "own"\n[[data]]\nmain = true'],
    ids=["name", "seed", "table"],
)  # fmt: skip
def test_a_list_where_none_belongs_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"own\.toml is not a recipe"):
        _read(tmp_path, text)


@pytest.mark.parametrize("content", [b"name = ", b"{}", b"\xff\xfe", b"name = 'own'\nname = 'own'"])
def test_what_is_no_toml_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"own\.toml is not a recipe"):
        read_recipe(path)


def test_a_missing_file_or_a_folder_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.toml", tmp_path):
        with pytest.raises(InputError, match=f"{path.name} cannot be read"):
            read_recipe(path)
