"""How the portal is run: what is logged, whether it can serve, whether it is closed, its memory and its backups. Knows no domain."""
