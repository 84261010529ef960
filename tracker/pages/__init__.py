"""The page files; each first asks who is looking."""
