"""Items: articles and posts, their versions, and the JSONL lines they come in."""
