"""The leaderboard of methods: records, verdicts and their words, page and Markdown.

Used by the site and by `ilime measure`.
"""
