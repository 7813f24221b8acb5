"""Items a second of the shipped tagger on one core, against scikit-learn's own TF-IDF pipeline.

Run it as `python -m benchmarks.classify`. Items have 300 words. The tagger's time includes places, evidence and
embedding unless the row says otherwise. The pipeline (TfidfVectorizer words 1-2 and characters 3-5, one
LogisticRegression a label) is fitted in the same run on gold train, so that both figures come from the same machine and
load; F1 on gold dev stands beside.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

import nlp
from nlp.evaluation.evaluate import evaluate
from nlp.evaluation.metrics import f1_scores
from nlp.heads import LABEL_HEADS
from nlp.labelled import LabelledItem, read_labelled, values_of
from nlp.model_folder import read_folder
from nlp.tagger import BaselineTagger
from waspada.taxonomy import MAIN_LABELS, SECONDARY_LABELS, ItemText, Label

DATA = Path(os.environ.get("WASPADA_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
WORDS = 300
_SENTENCES = (
    "Bentrokan antara dua kelompok warga pecah di Kecamatan Gambut, Kabupaten Banjar, pada Selasa malam.",
    "Bawaslu Kota Banjarmasin memeriksa seorang lurah yang diduga mengajak warga memilih salah satu calon.",
    "Pemerintah Kabupaten Tanah Laut mengimbau masyarakat menjaga persatuan dan tidak mudah percaya kabar bohong.",
    "Banjir setinggi satu meter merendam puluhan rumah di Barabai dan warga mengungsi ke gedung sekolah.",
    "Petugas KPPS melaporkan kekurangan surat suara di beberapa TPS sehingga pemungutan suara tertunda dua jam.",
    "Panen padi di Desa Anjir tahun ini naik dan petani berharap harga gabah tetap stabil sampai akhir musim.",
    "Festival pasar terapung kembali digelar dengan lomba perahu hias serta pameran kuliner khas Banjar.",
)


def main() -> None:
    """Print the two tables."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--items", type=int, default=300, help="how many items to time")
    n_items = arguments.parse_args().items
    console = Console()
    cores = _pin_to_one_core()
    started = time.perf_counter()
    tagger = nlp.load()
    load_seconds = time.perf_counter() - started
    items = _items(n_items)
    table = Table(title=f"{n_items} items of {WORDS} words, {cores}, {platform.processor() or platform.machine()}")
    for column in ("what", "items/s", "note"):
        table.add_column(column, justify="right" if column == "items/s" else "left")
    bare = BaselineTagger(read_folder(_shipped()), find_places=lambda _item: ())
    rates = {
        "waspada, all": _rate(tagger.classify, items),
        "waspada, without places": _rate(bare.classify, items),
        "waspada, embedding only": _rate(tagger.embed, items),
    }
    for name, rate in rates.items():
        table.add_row(name, f"{rate:,.0f}", f"loaded in {load_seconds * 1000:.0f} ms" if name == "waspada, all" else "")
    scores = _add_pipeline(table, items, bare)
    console.print(table)
    console.print(scores)


def _pin_to_one_core() -> str:
    """Keep this process on one core where the system can; says what it did."""
    if not hasattr(os, "sched_setaffinity"):
        return f"{os.cpu_count()} cores (this system cannot pin a process)"
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    return "one core"


def _shipped() -> Any:
    from importlib.resources import files

    return files("models").joinpath(nlp.DEFAULT_MODEL)


def _items(n: int) -> list[ItemText]:
    """Texts of 300 words, put together from the sentences above in a fixed random order."""
    rng = np.random.default_rng(0)
    made = []
    for index in range(n):
        words: list[str] = []
        while len(words) < WORDS:
            words += _SENTENCES[int(rng.integers(len(_SENTENCES)))].split()
        made.append(ItemText(str(index), " ".join(words[:9]), " ".join(words[:WORDS])))
    return made


def _rate(call: Callable[[Sequence[ItemText]], object], items: Sequence[ItemText]) -> float:
    call(items[:10])
    started = time.perf_counter()
    call(items)
    return len(items) / (time.perf_counter() - started)


def _add_pipeline(table: Table, items: Sequence[ItemText], tagger: BaselineTagger) -> Table | str:
    train_path, dev_path = DATA / "gold" / "train.jsonl", DATA / "gold" / "dev.jsonl"
    if not train_path.exists():
        table.add_row("scikit-learn pipeline", "not run", f"no labelled data at {DATA}")
        return "figures on gold dev: not run, no labelled data (set WASPADA_DATA)"
    try:
        predict = _fit_pipeline(read_labelled(train_path))
    except ImportError:
        table.add_row("scikit-learn pipeline", "not run", "scikit-learn is not installed (extra: train)")
        return "figures on gold dev: not run, scikit-learn is not installed (extra: train)"
    table.add_row("scikit-learn pipeline", f"{_rate(predict, items):,.0f}", "eight labels only, no levels or evidence")
    return _compare(tagger, predict, read_labelled(dev_path))


def _fit_pipeline(rows: Sequence[LabelledItem]) -> Callable[[Sequence[ItemText]], Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_union

    features = make_union(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=3, sublinear_tf=True),
    )
    x = features.fit_transform([_joined(row.item) for row in rows])
    heads = {}
    for label in LABEL_HEADS:
        head = LogisticRegression(C=10, class_weight="balanced", solver="liblinear")
        heads[label] = head.fit(x, values_of(rows, label.value) > 0)

    def predict(items: Sequence[ItemText]) -> dict[Label, Any]:
        made = features.transform([_joined(item) for item in items])
        return {label: head.predict(made) for label, head in heads.items()}

    return predict


def _joined(item: ItemText) -> str:
    return f"{item.title}\n{item.text}"[:1500]


def _compare(tagger: BaselineTagger, predict: Callable[[Sequence[ItemText]], Any], rows: list[LabelledItem]) -> Table:
    ours = evaluate(tagger, rows)
    theirs = predict([row.item for row in rows])
    once = np.ones((1, len(rows)), dtype=np.int64)
    table = Table(title="F1 on gold dev; the pipeline cuts at 0.5")
    for column in ("label", "waspada (95 %)", "pipeline"):
        table.add_column(column, justify="left" if column == "label" else "right")
    scores = {}
    for label in Label:
        truth = values_of(rows, label.value) > 0
        scores[label] = float(f1_scores(truth, np.asarray(theirs[label], dtype=bool), once)[0])
        f1 = ours.labels[label].f1
        table.add_row(label.value, f"{f1.value:.3f} ({f1.low:.3f}-{f1.high:.3f})", f"{scores[label]:.3f}")
    for name, group, figure in (
        ("main macro-F1", MAIN_LABELS, ours.main_f1),
        ("secondary macro-F1", SECONDARY_LABELS, ours.secondary_f1),
    ):
        mean = float(np.mean([scores[label] for label in group]))
        table.add_row(name, f"{figure.value:.3f} ({figure.low:.3f}-{figure.high:.3f})", f"{mean:.3f}")
    return table


if __name__ == "__main__":
    main()
