"""The Common Alerting Protocol 1.2 (OASIS, 1 July 2010): one chain of messages for each verified alert."""
