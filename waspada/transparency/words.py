"""The report's words, in Indonesian: it is made for readers outside the desk."""

from __future__ import annotations

from collections.abc import Mapping

SOURCE_KINDS: Mapping[str, str] = {
    "rss": "umpan berita (RSS/Atom)",
    "news-sitemap": "peta situs berita",
    "html": "halaman daftar berita",
    "mastodon-rss": "kiriman publik Mastodon (RSS)",
    "mastodon": "kiriman publik Mastodon",
    "bluesky": "kiriman publik Bluesky",
    "youtube": "komentar publik YouTube",
}
SOURCE_STATES: Mapping[str, str] = {
    "off": "dimatikan",
    "parked": "diparkir",
    "new": "belum ditanya",
    "broken": "tidak terjangkau",
    "blocked": "artikelnya ditolak",
    "silent": "diam",
    "unknown": "iramanya belum diketahui",
    "speaking": "terpantau",
    "ok": "terpantau",
    "empty": "kosong",
    "unchanged": "terpantau",
    "moved": "pindah",
    "gone": "hilang",
}
ITEM_KINDS: Mapping[str, str] = {"article": "artikel", "post": "kiriman publik", "report": "laporan lapangan"}
STATES: Mapping[str, str] = {
    "new": "baru",
    "acknowledged": "ditangani",
    "needs_clarification": "perlu klarifikasi",
    "verified": "diverifikasi",
    "not_a_threat": "bukan ancaman",
    "duplicate": "duplikat",
    "closed": "ditutup",
}
RECIPIENTS: Mapping[str, str] = {
    "kesbangpol": "Kesbangpol",
    "kpu": "KPU",
    "bawaslu": "Bawaslu",
    "pemda": "pemerintah daerah",
    "bpbd": "BPBD",
    "fkdm": "FKDM",
    "kominfo": "dinas komunikasi",
    "media": "media",
    "police": "kepolisian",
    "intelligence": "intelijen",
    "other": "lembaga lain",
}
CHANNELS: Mapping[str, str] = {"mail": "surel", "telegram": "Telegram", "webhook": "webhook"}
REPORTS: Mapping[str, str] = {
    "sent": "belum diklarifikasi",
    "asked": "ditanya balik",
    "clarified": "terklarifikasi",
    "refuted": "tidak benar",
    "cannot_tell": "tidak dapat dipastikan",
}
REQUESTS: Mapping[str, str] = {"correct": "koreksi", "erase": "penghapusan", "object": "keberatan"}
OUTCOMES: Mapping[str, str] = {"open": "belum diputus", "granted": "dikabulkan", "refused": "ditolak"}
CLASSES: Mapping[str, str] = {
    "posts": "kiriman publik",
    "articles": "teks artikel",
    "pseudonym_keys": "kunci pseudonim",
    "pages": "halaman yang diumumkan sumber",
    "outlet_checks": "cek fakta media",
    "own_checks": "kata-kata klaim",
    "matches": "kecocokan dengan cek fakta",
    "topic_items": "butir topik",
    "rejects": "catatan kegagalan",
    "exercises": "latihan",
    "notices": "pemberitahuan dan senyap",
    "deliveries": "pesan keluar",
    "headlines": "judul cerita",
    "edits": "bagian dalam gabung dan pisah cerita",
    "embeddings": "angka turunan teks",
    "raw_pages": "halaman mentah",
    "corrections": "kata-kata permohonan",
    "field_reports": "laporan lapangan",
    "report_senders": "pengirim laporan lapangan",
    "report_drafts": "draf laporan lapangan",
    "verdicts": "putusan atas klaim",
    "topics": "topik",
    "labels": "jawaban pelabelan",
    "label_tasks": "antrean pelabelan",
    "models": "model",
    "thresholds": "ambang kecocokan",
    "polls": "catatan kunjungan ke sumber",
    "sources": "sumber",
    "backfills": "pengumpulan mundur",
    "alerts": "peringatan",
    "handovers": "serah terima giliran",
    "weights": "bobot peringkat",
    "recipients": "lembaga penerima",
    "grants": "izin penerima",
    "reports": "kata-kata laporan kepada lembaga",
    "report_steps": "langkah laporan kepada lembaga",
    "cap": "pesan CAP",
    "digests": "laporan berkala",
    "digest_texts": "teks laporan berkala",
    "contacts": "alamat petugas",
    "subscriptions": "langganan",
    "subscription_sends": "kiriman langganan",
    "duty": "jadwal jaga",
    "calls": "panggilan",
    "webhooks": "webhook",
    "webhook_tries": "percobaan webhook",
    "erased": "kunci alamat yang dihapus",
    "coverage_days": "hitungan liputan harian",
    "processes": "catatan proses",
    "backups": "cadangan",
    "silences": "senyap",
    "seen": "tanda sudah dibaca",
    "views": "tampilan tersimpan",
    "searches": "pencarian",
    "exports": "ekspor",
    "accounts": "akun",
    "credentials": "kata sandi dan kunci akun",
    "tokens": "token",
    "sign_ins": "percobaan masuk",
    "audit": "catatan audit",
    "stops": "penghentian",
    "erasures": "catatan penghapusan per peringatan",
    "words": "indeks kata",
}
FIGURES: Mapping[str, str] = {
    "main_macro_f1": "F1 makro, empat label utama",
    "secondary_macro_f1": "F1 makro, label lain",
    "alert_kappa": "kappa tingkat peringatan",
    "quiet_raised": "bagian butir tenang yang naik ke tingkat 2",
}


def name(table: Mapping[str, str], key: str) -> str:
    """The word for a key; a key that a later version adds stands for itself."""
    return table.get(key, key)


def stop_of(about: str) -> str:
    """What a stop holds, in words."""
    kind, _, id_ = about.partition("/")
    return {"source": f"satu sumber ({id_})", "region": f"wilayah {id_}"}.get(kind, "seluruh pengumpulan")
