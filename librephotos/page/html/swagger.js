// Without validatorUrl: null the page would send the document's address to another host.
SwaggerUIBundle({
  url: "/api/schema?format=json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
});
