// Shows the description of the JSON API in every element like
//
//   <div class="caf-api" data-api-description="/api/openapi.json">A sentence for those without JavaScript.</div>

import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';

for (const container of document.querySelectorAll('[data-api-description]')) {
  container.replaceChildren();
  SwaggerUI({
    domNode: container,
    url: container.dataset.apiDescription,
    docExpansion: 'list',
    defaultModelsExpandDepth: 0,
    displayRequestDuration: false,
    deepLinking: true,
    validatorUrl: null, // the description is judged by nobody else
    queryConfigEnabled: false,
  });
}
