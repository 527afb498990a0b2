import { type XmlDocument, XmlElement, XmlText } from '@rgrove/parse-xml';
import { readXml, XmlTooLarge } from '../../common/xml.js';
import { FlowInvalid } from '../flow-plan.js';
import type { AfmDocument, AfmElement, AfmOperator } from './afm-document.js';

const MAX_CHARACTERS = 20_000_000;
const MAX_OPERATORS = 1000;
const MAX_DEPTH = 32;
const MAX_COORDINATE = 100_000;
// A design-time snapshot that may be stale (afm.md 4), and text for people.
const NOT_MODELS = new Set(['Parameter', 'InPutFieldList', 'Note']);

/**
 * Reads an `.afm` file of any version. Unknown elements, attributes and parameters are no errors; a document type is:
 * no known file has one, and entities are how XML attacks its reader.
 * @throws FlowInvalid when it is not such a file
 */
export function readAfm(text: string): AfmDocument {
  if (text.length > MAX_CHARACTERS) throw invalid('the file is too large');
  const process = rootOf(text);
  const operators = process.children.filter(isElement).filter(({ name }) => name === 'Operator');
  if (operators.length > MAX_OPERATORS)
    throw invalid(`more than ${MAX_OPERATORS} operators are not supported`);
  return {
    dataSources: named(process, 'DataSources').flatMap((block) =>
      named(block, 'DataSource').map((source) => ({
        name: attribute(source, 'name'),
        type: attribute(source, 'type'),
        url: parametersOf(source).get('url') ?? '',
      })),
    ),
    operators: operators.map(operatorOf),
    links: named(process, 'Link').map((link) => ({
      source: attribute(link, 'source'),
      target: attribute(link, 'target'),
    })),
    variables: new Map(
      named(process, 'VariableModel').flatMap((model) =>
        named(model, 'Variable').map((variable): [string, string] => [
          textOf(variable, 'Name').trim(),
          textOf(variable, 'Value'),
        ]),
      ),
    ),
  };
}

function rootOf(text: string): XmlElement {
  let document: XmlDocument;
  try {
    document = readXml(text, { preserveDocumentType: true });
  } catch (error) {
    if (error instanceof XmlTooLarge) throw invalid(`the file is too large: ${error.message}`);
    // Only the first line: the others repeat the file.
    throw invalid(`not well-formed XML: ${(error as Error).message.split('\n', 1)[0] ?? ''}`);
  }
  if (document.children.some(({ type }) => type === 'doctype'))
    throw invalid('a document type declaration is not allowed');
  const { root } = document;
  if (root?.name !== 'Process') throw invalid('the root element is not "Process"');
  return root;
}

function operatorOf(element: XmlElement): AfmOperator {
  return {
    name: attribute(element, 'name'),
    type: attribute(element, 'type').trim(),
    uuid: attribute(element, 'uuid'),
    x: coordinate(element, 'X'),
    y: coordinate(element, 'Y'),
    parameters: parametersOf(element),
    models: element.children
      .filter(isElement)
      .filter(({ name }) => !NOT_MODELS.has(name))
      .map((model) => elementOf(model, MAX_DEPTH)),
  };
}

function elementOf(element: XmlElement, depth: number): AfmElement {
  if (depth === 0) throw invalid('elements are nested too deeply');
  const { name, attributes } = element;
  const children = element.children.filter(isElement);
  return {
    name,
    attributes,
    children: children.map((child) => elementOf(child, depth - 1)),
    text: element.children
      .flatMap((child) => (child instanceof XmlText ? child.text : []))
      .join('')
      .trim(),
  };
}

function parametersOf(element: XmlElement): ReadonlyMap<string, string> {
  return new Map(
    named(element, 'Parameter').map((parameter): [string, string] => [
      attribute(parameter, 'key'),
      attribute(parameter, 'value'),
    ]),
  );
}

function named(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter(isElement).filter((child) => child.name === name);
}

function textOf(element: XmlElement, name: string): string {
  return named(element, name)[0]?.text ?? '';
}

function attribute(element: XmlElement, name: string): string {
  return element.attributes[name] ?? '';
}

function coordinate(element: XmlElement, name: string): number | null {
  const text = attribute(element, name).trim();
  const value = Number(text);
  return text !== '' && Math.abs(value) <= MAX_COORDINATE ? value : null;
}

function isElement(node: object): node is XmlElement {
  return node instanceof XmlElement;
}

function invalid(message: string): FlowInvalid {
  return new FlowInvalid([{ operator: null, parameter: null, message }]);
}
