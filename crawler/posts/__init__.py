"""Public posts by documented public APIs: Mastodon and YouTube are polled, Bluesky is a stream.

`mastodon.py`, `youtube.py` and `bluesky.py` are pure: what an API gave becomes announcements and deletions. The asking
is beside them (`mastodon_api.py`, `youtube_api.py`, `stream.py`) and imports its library only when it is needed.
"""
