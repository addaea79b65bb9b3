"""The leaderboard of methods: records, verdicts and their words, page and Markdown."""
