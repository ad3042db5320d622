"""A community's own colour, with ink that can be read on it."""

import re

TEA, WHITE, INK = "#2f6b4f", "#ffffff", "#1f2421"
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def mark_colours(colour: str) -> tuple[str, str]:
    """Ground and ink. Anything that is not #rrggbb is shown in tea green."""
    ground = colour if _HEX.fullmatch(colour) else TEA
    return ground, max(WHITE, INK, key=lambda ink: contrast(ground, ink))


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21. Source: WCAG 2.2, relative luminance."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
