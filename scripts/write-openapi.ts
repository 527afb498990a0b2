// Writes openapi.json: the document of the routes as they are in src/. Needs no database.
import { writeFileSync } from 'node:fs';
import { committedForm, plannedDocument } from '../test/support/openapi.js';

writeFileSync('openapi.json', committedForm(await plannedDocument()));
