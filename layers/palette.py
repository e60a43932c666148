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
OUTSIDE = "#f7f7f5"
"""Of a commune in which nothing lies of what is looked at: one project alone, or the projects a reader has. Plain, for
nothing is missing there."""
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

STEP_PATTERN = {
    "recovery_notice": "recovery-notice",
    "inventory": "inventory",
    "plan_approval": "plan-approval",
    "payment": "payment",
    "handover": "handed-over-part",
    "handover_full": "handed-over",
}
"""Pattern over that colour. Two steps are plain: the lightest and the darkest."""

PLOT_FREE, PLOT_ALLOTTED = "#ffffff", "#d55e00"

REMAINING, REMAINING_PART = "#d7263d", "#f4a5a0"
HANDED_BETWEEN, HANDED_BETWEEN_PART, BETWEEN_OUTLINE = "#8e00b8", "#e3b3f2", "#2b0038"
SITE = "#8a4b00"
DISC, DISC_DONE, DISC_OUTLINE = "#fffdf5", "#00694d", "#1f1f1f"
OBSTACLE = {"new": "#ffd166", "stale": "#f3722c", "old": "#8b0000"}
"""By the age of an obstacle; lighter is younger, in grey too."""

LINES = {
    "diagonal": "M-1 1L1 -1M0 8L8 0M7 9L9 7",
    "backward": "M-1 7L1 9M0 0L8 8M7 -1L9 1",
    "horizontal": "M0 4H8",
    "vertical": "M4 0V8",
    "grid": "M0 4H8M4 0V8",
    "dots": "M4 4h.01",
    "cross": "M2 2L6 6M6 2L2 6",
    "pause": "M3.2 2.6V5.4M4.8 2.6V5.4",
}
"""What each kind of pattern repeats: SVG path data in a box of 8 × 8, stroked with round ends."""

PATTERNS = {
    "no-data": {"kind": "diagonal", "colour": "#8c8c8c", "spacing": 8, "width": 1},
    "recovery-notice": {"kind": "vertical", "colour": "#7a5200", "spacing": 8, "width": 1},
    "inventory": {"kind": "horizontal", "colour": "#7d7500", "spacing": 8, "width": 1},
    "plan-approval": {"kind": "backward", "colour": "#114a70", "spacing": 8, "width": 1},
    "payment": {"kind": "grid", "colour": "#6b2a50", "spacing": 8, "width": 1},
    "handed-over": {"kind": "dots", "colour": "#00382a", "spacing": 8, "width": 3},
    "handed-over-part": {"kind": "diagonal", "colour": "#00694d", "spacing": 8, "width": 2},
    "no-holder": {"kind": "cross", "colour": "#3d3d3d", "spacing": 12, "width": 1.5},
    "allotted": {"kind": "diagonal", "colour": "#7a3600", "spacing": 6, "width": 1},
    "suspended": {"kind": "pause", "colour": "#9e0142", "spacing": 20, "width": 2},
    "remaining": {"kind": "backward", "colour": "#5c0008", "spacing": 8, "width": 1},
    "remaining-part": {"kind": "dots", "colour": "#8f1d16", "spacing": 6, "width": 2},
    "handed-between": {"kind": "grid", "colour": "#ffffff", "spacing": 8, "width": 1},
    "handed-between-part": {"kind": "diagonal", "colour": "#5b0078", "spacing": 8, "width": 2},
}
"""Small square images the page draws itself, by name: kind (one of `LINES`), colour, and spacing and width in
pixels. Outside the lines they are transparent."""
