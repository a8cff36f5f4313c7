// Loaded as a module on every page. Pages work without it.

import { initAll } from 'govuk-frontend';

import './unsent.js';

// The components refuse to start without these classes. GOV.UK's own template sets them in an inline
// script, which the Content-Security-Policy forbids.
document.body.classList.add('js-enabled', 'govuk-frontend-supported');

initAll();
