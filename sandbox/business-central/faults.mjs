// What a fault looks like at Business Central: the shared actions, with the bodies that its gateways
// and its server send for a status, and its own kinds (throttled, internal_before, internal_after, revoke_token,
// locked, later: see ../lib/delayed.mjs).
import {BcError, deadlocked, dialog, tooManyRequests, unauthorized} from './errors.mjs';
import {stringify} from './json.mjs';

export const OWN_KINDS = ['throttled', 'internal_before', 'internal_after', 'revoke_token', 'locked', 'later'];

/** Business Central cancels what runs longer (bucket time); until then it may finish a call whose caller has gone. */
export const LONGEST_MS = 480_000;

const STANDARD = {
  401: unauthorized,
  408: () =>
    new BcError(408, 'Internal_ServerError', 'The operation was canceled because it exceeded the time that is allowed for it.'),
  409: deadlocked,
  429: () => tooManyRequests(101, 100),
  500: () => new BcError(500, 'Internal_ServerError', 'An error occurred while the server processed the request.'),
  503: () => new BcError(503, 'Internal_TenantUnavailable', 'The tenant is not available.', {'retry-after': '5'}),
};
const GATEWAY = {502: 'Bad Gateway', 504: 'Gateway Timeout'};

/** An action in terms of the shared ones; the body of a status is filled in where the rule gives none. */
export function translate(action, {correlationId, retryAfterS, scale}) {
  switch (action?.kind) {
    case 'throttled':
      return filled(
        {kind: 'status', status: 429, headers: retryAfterS > 0 ? {'retry-after': String(retryAfterS)} : {}},
        correlationId,
      );
    case 'internal_before':
      return filled({kind: 'status', status: 500}, correlationId);
    case 'internal_after':
      return filled({kind: 'status_after', status: 500}, correlationId);
    case 'locked': {
      const text = 'The Sales Header table cannot be changed because it is locked by another user. Wait and try again.';
      return {kind: 'status', status: 400, body: stringify(dialog(text).body(correlationId))};
    }
    case 'revoke_token':
      return filled({kind: 'status', status: 401}, correlationId);
    case 'late':
      if (action.bucket_ms === undefined) return action;
      if (action.bucket_ms > LONGEST_MS) return filled({kind: 'status', status: 408}, correlationId);
      return {...action, ms: action.bucket_ms / scale};
    case 'status':
    case 'status_after':
      return filled(action, correlationId);
    default:
      return action;
  }
}

function filled(action, correlationId) {
  if (action.body !== undefined) return action;
  const status = action.status ?? 503;
  if (GATEWAY[status])
    return {
      ...action,
      status,
      body: `<html><head><title>${status} ${GATEWAY[status]}</title></head><body><h1>${GATEWAY[status]}</h1></body></html>`,
      headers: {'content-type': 'text/html', ...action.headers},
    };
  const error = (STANDARD[status] ?? (() => new BcError(status, 'BadRequest', 'The request was refused.')))();
  return {...action, status, body: stringify(error.body(correlationId)), headers: {...error.headers, ...action.headers}};
}
