def test_a(store): assert store.engine
def test_b(store): assert store.engine
