"""How the portal is run: what is logged, whether it can serve, whether it is closed, and its memory. Knows no domain."""
