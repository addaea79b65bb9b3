"""SQL over the tables of finished runs, and views of them in people's words.

Holds the database of `ilime query` and the catalog that other tools open. Used by the commands, and by
notebooks: ``open_database(open_run(root, "latest"))``.
"""
