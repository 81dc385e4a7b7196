"""The application whose ``/v1/openapi.json`` says what its routes answer, and nothing else."""

from typing import Any

from fastapi import FastAPI

_INVENTED = "#/components/schemas/HTTPValidationError"


class DescribedAPI(FastAPI):
    """FastAPI, without the 422 that it describes wherever there is a parameter.

    All our parameters are texts, which may be anything; what cannot happen is not described.
    """

    def openapi(self) -> dict[str, Any]:
        """The description."""
        if self.openapi_schema is None:
            made = super().openapi()
            for operations in made["paths"].values():
                for operation in operations.values():
                    answers = operation["responses"]
                    if _INVENTED in str(answers.get("422")):
                        del answers["422"]
            for name in ("HTTPValidationError", "ValidationError"):
                made["components"]["schemas"].pop(name, None)
            self.openapi_schema = made
        return self.openapi_schema
