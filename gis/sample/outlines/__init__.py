"""The sample's commune outlines: a drawing, and the program that draws it."""
