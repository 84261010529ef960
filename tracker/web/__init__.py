"""The web layer: gate, routes, components and what the pages share."""
