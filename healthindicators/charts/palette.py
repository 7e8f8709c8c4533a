"""The few colours there are, each with one meaning. Okabe-Ito tones; text reaches 4.5:1."""

INK = "#16202a"
"""The municipality, and running text."""

QUIET = "#56616b"
"""The country, and text of second rank (6.2:1)."""

FAINT = "#707a84"
"""The group of municipalities (4.4:1: lines only, labels are set in QUIET)."""

RULE = "#d5dade"
"""Grid lines and the range of all municipalities."""

MIDDLE = "#b3bcc4"
"""The middle half of the municipalities."""

BETTER = "#0072b2"
WORSE = "#d55e00"

WOMEN = "#00805e"
MEN = "#4b4453"

CLASSES = ("#efebf5", "#cdc3e1", "#a393c8", "#7659a6", "#42246f")
"""Map classes from low to high: one hue in even steps of lightness, none that means good or bad."""

FONT = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
