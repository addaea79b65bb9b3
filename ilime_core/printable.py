"""Text of strangers made safe to print: a caption could use control characters to control a terminal."""

__all__ = ["printable"]


def printable(text: str) -> str:
    """One line of text without control characters.

    Parameters
    ----------
    text
        Text from a corpus, a store or a library.

    Returns
    -------
    str
        The text with a replacement character for each character that does not print.
    """
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )
