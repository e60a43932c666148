"""Colours and patterns, once. Each state is told by colour and, where it must survive grey print, by pattern.

The ramp of shares is ColorBrewer's five-class YlGnBu, the steps are Okabe and Ito's set: both stay apart for
colour-blind readers.
"""

SHARE_CLASSES = ((0.0, "#ffffcc"), (0.2, "#a1dab4"), (0.4, "#41b6c4"), (0.6, "#2c7fb8"), (0.8, "#253494"))
"""From which share (0 to 1) of the m² handed over each colour begins."""

NO_DATA = "#d9d9d9"
OUTLINE = "#4d4d4d"
PROJECT = "#9e0142"
KEY_PROJECT = "#6a0030"
HALO = {"text-color": "#101010", "text-halo-color": "rgba(255,255,255,.95)", "text-halo-width": 1.8}
"""How texts on the map are drawn: readable on every colour beneath."""

STEP = {
    "not_started": "#c8c8c8",
    "recovery_notice": "#e69f00",
    "inventory": "#f0e442",
    "plan_approval": "#56b4e9",
    "recovery_decision": "#0072b2",
    "payment": "#cc79a7",
    "handover": "#7fd1b2",
    "handover_full": "#009e73",
}
"""Colour of a parcel by the last step it has reached; `handover` alone is a part handed over."""

PLOT_FREE, PLOT_ALLOTTED = "#ffffff", "#d55e00"

PATTERNS = {
    "no-data": {"kind": "diagonal", "colour": "#8c8c8c", "spacing": 8, "width": 1},
    "handed-over": {"kind": "dots", "colour": "#00382a", "spacing": 8, "width": 2},
    "handed-over-part": {"kind": "diagonal", "colour": "#00694d", "spacing": 8, "width": 2},
    "no-holder": {"kind": "cross", "colour": "#5a5a5a", "spacing": 10, "width": 1},
    "allotted": {"kind": "diagonal", "colour": "#7a3600", "spacing": 6, "width": 1},
}
"""Small square images the page draws itself, by name: kind (diagonal lines, dots, crosses), colour, and spacing and
width in pixels. Outside the lines they are transparent."""
