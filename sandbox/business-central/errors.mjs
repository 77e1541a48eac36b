// Business Central's error answers: a status, a machine code, an English text that ends in the
// correlation id. Clients decide on the code, so every refusal of this room names one.

export class BcError extends Error {
  constructor(status, code, message, headers = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  body(correlationId) {
    return {error: {code: this.code, message: `${this.message}  CorrelationId:  ${correlationId}.`}};
  }
}

export const badRequest = message => new BcError(400, 'BadRequest', message);
export const badUrl = message => new BcError(400, 'BadRequest_InvalidRequestUrl', message);
export const readOnly = control => new BcError(400, 'BadRequest_InvalidOperation', `Control '${control}' is read-only.`);
export const dialog = message => new BcError(400, 'Application_DialogException', message);
/** Without rights to a table the answer names the table and the right. */
const TABLES = {
  customers: '18 Customer',
  items: '27 Item',
  itemVariants: '5401 Item Variant',
  salesOrders: '36 Sales Header',
  salesInvoices: '36 Sales Header',
  salesCreditMemos: '36 Sales Header',
  salesShipments: '110 Sales Shipment Header',
};
const RIGHTS = {GET: 'Read', POST: 'Insert', PATCH: 'Modify', DELETE: 'Delete'};
export const notPermitted = (set, method) =>
  dialog(`Sorry, the current permissions prevented the action. (TableData ${TABLES[set] ?? set} ${RIGHTS[method]}: Base Application)`);
export const fieldValidation = message => new BcError(400, 'Application_FieldValidationException', message);
export const evaluate = message => new BcError(400, 'Application_EvaluateException', message);
export const tableRelation = (field, table, value, related) =>
  new BcError(
    400,
    'Internal_InvalidTableRelation',
    `The field ${field} of table ${table} contains a value (${value}) that cannot be found in the related table (${related}).`,
  );
export const tooLong = (length, limit, value) =>
  new BcError(
    400,
    'Application_StringExceededLength',
    `The length of the string is ${length}, but it must be less than or equal to ${limit} characters. Value: ${value}`,
  );
export const sameKey = (table, keys) =>
  new BcError(
    400,
    'Internal_EntityWithSameKeyExists',
    `The record in table ${table} already exists. Identification fields and values: ${keys}`,
  );
export const segmentNotFound = segment =>
  new BcError(404, 'BadRequest_ResourceNotFound', `Resource not found for the segment '${segment}'.`);
export const recordNotFound = (table, id) =>
  new BcError(
    404,
    'Internal_RecordNotFound',
    `The ${table} does not exist. Identification fields and values: SystemId='{${id}}'`,
  );
export const methodNotAllowed = what =>
  new BcError(405, 'BadRequest_MethodNotAllowed', `'${what}' does not support this operation.`);
export const notImplemented = message => new BcError(501, 'BadRequest_MethodNotImplemented', message);
export const invalidToken = () =>
  new BcError(400, 'BadRequest_InvalidToken', 'The request must contain a valid If-Match header with the ETag of the record.');
export const entityChanged = () =>
  new BcError(
    409,
    'Request_EntityChanged',
    'Another user has already changed the record. Read it again and repeat the change.',
  );
export const deadlocked = () =>
  new BcError(
    409,
    'Internal_ServerError',
    'Your activity on the Sales Line table was deadlocked with another user who was modifying it. Please retry the activity.',
  );
export const unauthorized = () =>
  new BcError(401, 'Authentication_InvalidCredentials', 'The server has rejected the client credentials.', {
    'www-authenticate': 'Bearer',
  });
export const tooManyRequests = (actual, maximum) =>
  new BcError(429, 'Application_TooManyRequests', `Too many requests reached. Actual (${actual}). Maximum (${maximum}).`);
