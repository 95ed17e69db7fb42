"""Lines for people: styled, never wrapped inside, and with brackets meaning brackets."""


def line(text: str, style: str = "") -> None:
    """Print one line."""
    from rich.console import Console
    from rich.text import Text

    Console(soft_wrap=True, highlight=False).print(Text(text, style=style))


def title(text: str) -> None:
    """Print one line in bold."""
    line(text, "bold")
