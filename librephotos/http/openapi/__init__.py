"""The OpenAPI 3.1 document, built from the route table and corrected to what the server really does."""

from librephotos.http.openapi.document import build_document

__all__ = ["build_document"]
