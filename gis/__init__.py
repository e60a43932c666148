"""The domain of land clearance: records, counting, coordinates. Knows no web framework."""
