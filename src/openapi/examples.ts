import type { OpenAPIObject } from '@nestjs/swagger';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { routesOf } from './operations.js';

const FOLDER = join(import.meta.dirname, 'examples');

interface Answer {
  readonly content?: Record<string, { example?: unknown; schema?: unknown }>;
}

/**
 * Puts recorded answers into the document: `examples/<operationId>.<status>.json` beside this file, and
 * `examples/<Refusal>.json` for the errors that all routes share. A test records and compares them.
 */
export function addExamples(document: OpenAPIObject): void {
  if (!existsSync(FOLDER)) return;
  const answers = new Map<string, Answer>();
  for (const { operation } of routesOf(document))
    for (const [status, answer] of Object.entries(operation.responses))
      answers.set(`${operation.operationId ?? ''}.${status}`, answer as Answer);
  for (const [name, answer] of Object.entries(document.components?.responses ?? {}))
    answers.set(name, answer as Answer);
  for (const file of readdirSync(FOLDER).sort()) {
    const name = file.replace(/\.json$/, '');
    const [media] = Object.values(answers.get(name)?.content ?? {});
    if (media === undefined) throw new Error(`${file} is the example of no documented answer`);
    media.example = JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));
  }
}
