"""`waspada demo`: fictional outlets of South Kalimantan, served on loopback and really crawled."""
