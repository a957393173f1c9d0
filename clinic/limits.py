"""The rate limiter of both deliveries: in memory for one process, in Redis for many, switched by settings."""

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(key_func=get_remote_address)
