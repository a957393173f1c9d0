"""The shape of every error answer. Only documents: ``clinic.http_errors`` writes it."""

from marshmallow import INCLUDE, fields, validate

from clinic.api.schemas.fields import Answer


class Error(Answer):
    """Why a request was refused; a validation error repeats each field of ``errors`` at the top level too."""

    class Meta:
        """Fields at fault stand beside the keys below."""

        unknown = INCLUDE

    success = fields.Boolean(validate=validate.Equal(False), metadata={"const": False})
    code = fields.String(metadata={"description": "Stable, for programs.", "example": "validation_error"})
    message = fields.String(metadata={"description": "One sentence for a person."})
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "Texts by field, nested fields dotted; empty where no field is at fault."},
    )
