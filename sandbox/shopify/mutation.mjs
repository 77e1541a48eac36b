// The frame of every mutation: who may call it, whether its key was seen before, how its refusals are shown.
import {FieldError} from './plan.mjs';
import {Refusal} from './refusal.mjs';

/**
 * A mutation named `name`. `act(args, context)` answers the record that the payload shows as `payload`, or the whole
 * payload when there is no such name; `errors` is the payload's list of refusals, `scopes` are wanted where the
 * schema's own list does not say it (one of them is enough), `refused` is what the payload shows beside a refusal. With
 * `once` an idempotency key is honoured.
 */
export function mutation(name, {payload, errors = 'userErrors', act, scopes, refused = {}, once = false}) {
  const run = (args, context) => {
    try {
      const made = act(args, context);
      return {[errors]: [], userErrors: [], ...(payload ? {[payload]: made} : made)};
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      const {entries} = refusal;
      return {
        ...(payload ? {[payload]: null} : {}),
        ...refused,
        ...refusal.payload,
        [errors]: entries,
        userErrors: entries,
      };
    }
  };
  return (source, args, context, key) => {
    if (scopes && !scopes.some(scope => context.token.scopes.includes(scope))) {
      const text = `One of the following access scopes: ${scopes.map(scope => `\`${scope}\``).join(', ')}.`;
      throw new FieldError('ACCESS_DENIED', `Access denied for ${name} field. Required access: ${text}`, {
        documentation: 'https://shopify.dev/api/usage/access-scopes',
        requiredAccess: text,
      });
    }
    if (!once || key === undefined) return run(args, context);
    return context.keys.answer({name, key, args, context}, () => run(args, context), {
      ...(payload ? {[payload]: null} : {}),
      ...refused,
    });
  };
}
