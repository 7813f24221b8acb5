"""Field reports (laporan lapangan): what officers of a desa or kecamatan and citizens' forums saw, clarified by people
before it climbs."""
