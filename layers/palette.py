"""Colours and patterns, once. Each state is told by colour and, where it must survive grey print, by pattern.

The ramps are those of ColorBrewer (Harrower and Brewer 2003), five classes each, from the lowest to the highest; the
steps are Okabe and Ito's set. All stay apart for colour-blind readers.
"""

YL_GN_BU = ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494")
OR_RD = ("#fef0d9", "#fdcc8a", "#fc8d59", "#e34a33", "#b30000")
PURPLES = ("#f2f0f7", "#cbc9e2", "#9e9ac8", "#756bb1", "#54278f")
GREENS = ("#edf8e9", "#bae4b3", "#74c476", "#31a354", "#006d2c")

SHARE_CLASSES = tuple(zip((0.0, 0.2, 0.4, 0.6, 0.8), YL_GN_BU, strict=True))
"""From which share (0 to 1) each colour begins."""

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
