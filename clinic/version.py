"""Which version of the portal this is; everything that names it reads it here, the package's metadata too."""

VERSION = "1.0.0"
