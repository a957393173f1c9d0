// Starts Swagger UI or ReDoc on the page of the API's documentation that has its place.
"use strict";

const swagger = document.getElementById("swagger-ui");
const redoc = document.getElementById("redoc");

if (swagger) {
  window.SwaggerUIBundle({ url: swagger.dataset.schema, domNode: swagger, deepLinking: true });
}
if (redoc) {
  // No search: it would want a worker from a blob, which the content security policy refuses.
  const options = { nonce: redoc.dataset.styleNonce, disableSearch: true };
  window.Redoc.init(redoc.dataset.schema, options, redoc);
}
