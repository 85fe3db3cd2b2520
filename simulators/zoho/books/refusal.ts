import type { Reply } from '../../kit/call.ts';

/** An answer of Books that refuses a call; thrown where the reason is found, answered by the route. */
export class BooksRefusal extends Error {
  readonly reply: Reply;

  constructor(status: number, code: number, message: string, headers?: Readonly<Record<string, string>>) {
    super(message);
    this.name = 'BooksRefusal';
    this.reply = { status, json: { code, message }, code, ...(headers && { headers }) };
  }
}

/** Code 2: a value that cannot be used. */
export function invalidValue(field: string): BooksRefusal {
  return new BooksRefusal(400, 2, `Invalid value passed for ${field}`);
}

/** Code 4: a value that must be there and is not. */
export function missingValue(field: string): BooksRefusal {
  return new BooksRefusal(400, 4, `Invalid value passed for ${field}`);
}

/** Code 1002, `kind` as Books calls it: Contact, Item, Invoice. */
export function notFound(kind: string): BooksRefusal {
  return new BooksRefusal(404, 1002, `${kind} does not exist.`);
}

/** The numbers of the following are assumed: no public source names them. Clients can only go by the text. */
const assumedCodes = { tooLong: 15, notJson: 1038, duplicate: 1001, inUse: 3003, wrongStatus: 1004, tooManyLines: 15 };

export function tooLong(field: string, characters: number): BooksRefusal {
  return new BooksRefusal(400, assumedCodes.tooLong, `Please ensure that the ${field} has less than ${characters} characters.`);
}

export function notJson(): BooksRefusal {
  return new BooksRefusal(400, assumedCodes.notJson, 'JSON is not well formed');
}

export function tooManyLines(lines: number): BooksRefusal {
  return new BooksRefusal(400, assumedCodes.tooManyLines, `Please ensure that the line_items has less than ${lines} items.`);
}

/** A name, number or unique custom field that another record has already. */
export function alreadyExists(what: string): BooksRefusal {
  return new BooksRefusal(400, assumedCodes.duplicate, `${what} already exists. Please specify a different value.`);
}

export function inUse(message: string): BooksRefusal {
  return new BooksRefusal(400, assumedCodes.inUse, message);
}

export function wrongStatus(message: string): BooksRefusal {
  return new BooksRefusal(400, assumedCodes.wrongStatus, message);
}

export const refusals = {
  noAuthentication: () =>
    new BooksRefusal(
      401, 14,
      'The request could not be authenticated as the authentication value you entered is invalid. Enter a valid authentication value and try again.',
    ),
  /** A dead token and a missing scope look the same. */
  notAuthorized: () => new BooksRefusal(401, 57, 'You are not authorized to perform this operation'),
  foreignOrganization: (id: string) => new BooksRefusal(400, 6041, `This user is not associated with the CompanyID/CompanyName:${id}.`),
  contactExists: (name: string) => new BooksRefusal(400, 3062, `The customer "${name}" already exists. Please specify a different name.`),
  notTheAutomaticNumber: () => new BooksRefusal(400, 4097, 'Number entered does not match the auto-generated number'),
  unknownUrl: () => new BooksRefusal(404, 5, 'Invalid URL Passed'),
  wrongMethod: () => new BooksRefusal(405, 37, 'The HTTP method is not allowed for the requested resource'),
  internal: () => new BooksRefusal(500, 1000, 'Internal error'),
  minute: () =>
    new BooksRefusal(
      429, 44,
      'For security reasons your organization has been blocked as it have exceeded the maximum number of requests per minute that can originate from an organization.',
    ),
  day: (calls: number) => new BooksRefusal(429, 45, `The API call for this organization has exceeded the maximum call rate limit of ${calls}.`),
  concurrent: () =>
    new BooksRefusal(429, 1070, 'You have reached the maximum number of in process requests allowed. Kindly try again after some time.'),
  blocked: (seconds: number) =>
    new BooksRefusal(
      429, 43,
      'For security reasons you have been blocked for some time as you have exceeded the maximum number of requests per minute.',
      { 'retry-after': String(seconds) },
    ),
};
