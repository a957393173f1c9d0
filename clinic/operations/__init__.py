"""How the portal is run: what is logged, whether it can serve, whether it is closed, its memory and backups, its
static files and the headers of its answers. Knows no domain."""
