"""Files of other people's making, coming in and going out."""
