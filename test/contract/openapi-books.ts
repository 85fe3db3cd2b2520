import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Answer, HttpRequest } from '../../connectors/http.ts';

/** One call as it was made and answered. */
export interface Exchange {
  readonly request: HttpRequest;
  readonly answer: Answer;
}

/** Something about an exchange that the official description does not have. */
export interface Finding {
  /** `GET /contacts/{contact_id}`, or method and path where the description has no such path. */
  readonly operation: string;
  /** `query page`, `request custom_fields[].api_name`, `response page_context`, `status 201` … */
  readonly at: string;
  readonly problem: string;
}

const files = ['organizations', 'contacts', 'items', 'invoices', 'credit-notes', 'taxes', 'chart-of-accounts', 'users', 'currency'];

const parameterSchema = z.object({ name: z.string(), in: z.string(), required: z.boolean().optional() });
const contentSchema = z.object({ content: z.record(z.string(), z.unknown()).optional() });
const parametersSchema = z.array(parameterSchema).default([]);
const operationSchema = z.object({
  parameters: parametersSchema,
  requestBody: contentSchema.optional(),
  responses: z.record(z.string(), contentSchema),
});
const documentSchema = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

interface Operation {
  readonly name: string;
  readonly method: string;
  readonly pattern: RegExp;
  readonly parameters: readonly z.infer<typeof parameterSchema>[];
  readonly statuses: readonly string[];
  readonly request: ValidateFunction | null;
  readonly response: ValidateFunction;
}

/** Holds exchanges against the official OpenAPI files of Zoho Books. */
export interface BooksDescription {
  /** Only successful answers are described, so the body of a failure is not held against anything. */
  check(exchange: Exchange): Finding[];
  operationOf(request: HttpRequest): string;
}

/** @returns null where the folder does not have the files */
export function loadBooksDescription(folder: string): BooksDescription | null {
  if (!files.every((file) => existsSync(join(folder, `${file}.yml`)))) return null;
  const operations = files.flatMap((file) => readOperations(file, parse(readFileSync(join(folder, `${file}.yml`), 'utf8'))));
  const find = ({ method, url }: HttpRequest) => {
    const path = new URL(url).pathname.replace('/books/v3', '');
    const fitting = operations.filter((operation) => operation.method === method && operation.pattern.test(path));
    return fitting.find((operation) => !operation.name.includes('{')) ?? fitting[0];
  };
  const nameOf = (request: HttpRequest) => find(request)?.name ?? `${request.method} ${new URL(request.url).pathname}`;
  return {
    operationOf: nameOf,
    check: ({ request, answer }) => {
      const operation = find(request);
      if (!operation) return [{ operation: nameOf(request), at: 'path', problem: 'is not described' }];
      const failed = answer.status >= 400;
      return [
        ...checkParameters(operation, request),
        ...(operation.request && request.json !== undefined ? checkBody(operation.name, 'request', operation.request, request.json) : []),
        ...(failed || operation.statuses.includes(String(answer.status)) ? [] : [{ operation: operation.name, at: `status ${answer.status}`, problem: 'is not described' }]),
        ...(failed ? [] : checkBody(operation.name, 'response', operation.response, answer.body)),
      ];
    },
  };
}

function readOperations(file: string, source: unknown): Operation[] {
  const document = documentSchema.parse(withReferencedParameters(source));
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, schemas: { [file]: relax(document) as object } });
  const bodyOf = (pointer: string[]) => ajv.compile({ $ref: `${file}#/${pointer.map(encodePointer).join('/')}` });
  return Object.entries(document.paths).flatMap(([path, methods]) => (
    Object.entries(methods).filter(([method]) => ['get', 'put', 'post', 'delete'].includes(method)).map(([method, described]) => {
      const operation = operationSchema.parse(described);
      const status = Object.keys(operation.responses)[0] ?? '200';
      const body = (where: string[], content: z.infer<typeof contentSchema> | undefined) => (
        content?.content ? bodyOf(['paths', path, method, ...where, 'content', Object.keys(content.content)[0] ?? '', 'schema']) : null
      );
      return {
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        pattern: new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`),
        parameters: [...parametersSchema.parse(methods['parameters']), ...operation.parameters],
        statuses: Object.keys(operation.responses),
        request: body(['requestBody'], operation.requestBody),
        response: body(['responses', status], operation.responses[status]) ?? ajv.compile({}),
      };
    })
  ));
}

function checkParameters({ name, parameters }: Operation, request: HttpRequest): Finding[] {
  const known = (kind: string) => parameters.filter((parameter) => parameter.in === kind);
  const query = Object.keys(request.query ?? {});
  const headers = Object.keys(request.headers ?? {}).map((header) => header.toLowerCase());
  const missing = parameters.filter((parameter) => parameter.required === true && (
    (parameter.in === 'query' && !query.includes(parameter.name)) || (parameter.in === 'header' && !headers.includes(parameter.name.toLowerCase()))
  ));
  return [
    ...query.filter((sent) => !known('query').some((parameter) => parameter.name === sent)).map((sent) => ({ operation: name, at: `query ${sent}`, problem: 'is not described' })),
    ...headers.filter((sent) => sent.startsWith('x-') && !known('header').some((parameter) => parameter.name.toLowerCase() === sent))
      .map((sent) => ({ operation: name, at: `header ${sent}`, problem: 'is not described' })),
    ...missing.map((parameter) => ({ operation: name, at: `${parameter.in} ${parameter.name}`, problem: 'is missing' })),
  ];
}

function checkBody(operation: string, where: string, validate: ValidateFunction, body: unknown): Finding[] {
  if (validate(body)) return [];
  return (validate.errors ?? []).map((error) => ({ operation, ...describe(where, error) }));
}

function describe(where: string, { instancePath, keyword, params, message }: ErrorObject): Pick<Finding, 'at' | 'problem'> {
  const path = instancePath.slice(1).replaceAll(/\/\d+/g, '[]').replaceAll('/', '.');
  const inside = (property: unknown) => `${where} ${path === '' ? '' : `${path}.`}${String(property)}`;
  if (keyword === 'additionalProperties') return { at: inside(params['additionalProperty']), problem: 'is not described' };
  if (keyword === 'required') return { at: inside(params['missingProperty']), problem: 'is missing' };
  return { at: `${where} ${path}`, problem: message ?? keyword };
}

function encodePointer(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}

/** Parameters may be references; they are put in place, bodies keep theirs. */
function withReferencedParameters(source: unknown): unknown {
  const document = z.looseObject({ components: z.looseObject({ parameters: z.record(z.string(), z.unknown()).optional() }).optional() }).parse(source);
  const shared = document.components?.parameters ?? {};
  const reference = z.object({ $ref: z.string().startsWith('#/components/parameters/') });
  const replace = (value: unknown): unknown => {
    const found = reference.safeParse(value);
    if (found.success) return shared[found.data.$ref.slice('#/components/parameters/'.length)];
    if (Array.isArray(value)) return value.map(replace);
    return isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, replace(inner)])) : value;
  };
  return replace(document);
}

/**
 * Makes JSON Schema of OpenAPI 3.0 as Zoho writes it. Stricter in names: a property that is not described is a finding. Laxer in
 * scalars: many a field is described as text with a number for its example (`total`), as an integer although it is an amount,
 * or is null where there is no value; text, numbers and null are therefore taken for each other, as the connector does.
 */
function relax(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relax);
  if (!isObject(value)) return value;
  const { properties, required, example: _example, ...rest } = value;
  const relaxed = Object.fromEntries(Object.entries(rest).map(([name, inner]) => [name, relax(inner)]));
  if (typeof rest['type'] === 'string' && isScalar(rest['type'])) return { type: rest['type'] === 'boolean' ? ['boolean', 'null'] : ['string', 'number', 'null'] };
  if (!isObject(properties)) return relaxed;
  return {
    ...relaxed,
    ...(Array.isArray(required) && { required }),
    // A property may itself be called "required" or "example", so the names are not looked at here.
    properties: Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, relax(inner)])),
    additionalProperties: false,
  };
}

function isScalar(type: string): boolean {
  return ['string', 'number', 'integer', 'boolean'].includes(type);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
