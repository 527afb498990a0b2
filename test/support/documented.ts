import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { readFileSync } from 'node:fs';
import { type Answer, type CallOptions, TestClient } from './test-client.js';

type Json = Record<string, any>;

interface Documented {
  readonly id: string;
  readonly path: string;
  readonly matches: RegExp;
  readonly method: string;
  readonly operation: Json;
}

/** Checks answers against openapi.json, more strictly than clients should: what it does not name, must not be there. */
export class Documentation {
  private readonly document: Json = JSON.parse(readFileSync('openapi.json', 'utf8')) as Json;
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });
  private readonly routes: Documented[];
  private readonly validators = new Map<string, ValidateFunction>();
  /** Answers that have been checked: `showRun 200`. */
  readonly seen = new Set<string>();

  constructor() {
    addFormats.default(this.ajv);
    this.ajv.addSchema(closed(this.document) as object, 'openapi.json');
    this.routes = Object.entries(this.document['paths'] as Json).flatMap(([path, methods]) =>
      Object.entries(methods as Json).map(([method, operation]) => ({
        id: (operation as Json)['operationId'] as string,
        path,
        // A name in braces stands for one segment; other paths are looked for first.
        matches: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
        method: method.toUpperCase(),
        operation: operation as Json,
      })),
    );
    const names = ({ matches }: Documented) => matches.source.split('[^/]+').length;
    this.routes.sort((a, b) => names(a) - names(b));
  }

  /** Ids of the operations that only read. */
  get reading(): string[] {
    return this.routes.filter(({ method }) => method === 'GET').map(({ id }) => id);
  }

  /** @returns what is wrong with an answer, in words; empty when it is as documented */
  problems(method: string, path: string, answer: Answer): string[] {
    const [plain = ''] = path.split('?');
    const route = this.routes.find((one) => one.method === method && one.matches.test(plain));
    if (route === undefined) return [`${method} ${plain} is not documented`];
    const name = `${route.id} ${answer.status}`;
    const responses = route.operation['responses'] as Json;
    const documented = this.resolved(responses[answer.status] as Json | undefined);
    if (documented === undefined)
      return [`${name} is not documented: ${answer.text.slice(0, 200)}`];
    this.seen.add(name);
    const content = documented['content'] as Json | undefined;
    if (content === undefined) return answer.text === '' ? [] : [`${name} has a body`];
    const [type = ''] = (answer.headers.get('content-type') ?? '').split(';');
    const media = Object.keys(content).find((one) => one === type);
    if (media === undefined) {
      const isAnyBytes = 'application/octet-stream' in content;
      return isAnyBytes ? [] : [`${name} has the type ${type}`];
    }
    if (type !== 'application/json') return [];
    const validate = this.validatorOf(route, answer.status, media);
    const body = bodyOf(answer);
    if (validate(body)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${name} ${instancePath}: ${message ?? ''} ${JSON.stringify(params)}`,
    );
  }

  private resolved(response: Json | undefined): Json | undefined {
    const ref = response?.['$ref'] as string | undefined;
    if (ref === undefined) return response;
    const name = ref.split('/').at(-1) ?? '';
    return ((this.document['components'] as Json)['responses'] as Json)[name] as Json;
  }

  private validatorOf(route: Documented, status: number, media: string): ValidateFunction {
    const { id, path, method, operation } = route;
    const key = `${id} ${status}`;
    const known = this.validators.get(key);
    if (known !== undefined) return known;
    const response = (operation['responses'] as Json)[status] as Json;
    const escape = (text: string) =>
      encodeURIComponent(text.replace(/~/g, '~0').replace(/\//g, '~1'));
    const pointer =
      (response['$ref'] as string | undefined) ??
      `#/paths/${escape(path)}/${method.toLowerCase()}/responses/${status}`;
    const $ref = `openapi.json${pointer}/content/${escape(media)}/schema`;
    const validate = this.ajv.compile({ $ref });
    this.validators.set(key, validate);
    return validate;
  }
}

/** A client that takes no answer but documented ones. */
export class DocumentedClient extends TestClient {
  constructor(
    { url, cookie }: TestClient,
    private readonly documentation: Documentation,
  ) {
    super(url, cookie);
  }

  override async call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const answer = await super.call(method, path, options);
    const problems = this.documentation.problems(method, path, answer);
    if (problems.length > 0) throw new Error([`${method} ${path}`, ...problems].join('\n'));
    return answer;
  }
}

/** A copy in which objects have no properties but those that are named. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'example' && key !== 'examples')
      .map(([key, inner]) => [key, closed(inner)]),
  );
  const isObject = [copy['type']].flat().includes('object');
  return isObject && copy['properties'] !== undefined && copy['additionalProperties'] === undefined
    ? { ...copy, additionalProperties: false }
    : copy;
}

/** The engine's interface calls its plain texts JSON, too. */
function bodyOf({ text }: Answer): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
