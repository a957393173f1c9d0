"""What goes in and comes out of the API, by subject: shapes only.

Requests are read by these schemas; answers are only documented by them. A limit comes from the front door of its
domain; a rule is never here.
"""
