// cures.mjs - the cues' cures as commands that can be run as they stand in the demo.
//
// cartage cannot know which item an unknown product is, nor reach into Business Central's customer cards; here, where
// the whole world is ours, the demo fills in what a person would: the item's number, and the switch on the card.
import { world } from '../data/world.mjs';

const UNBLOCK = /customer (\S+) is blocked/;
const RELEASE = /order #(\S+); release them in Shopify/;

/** Product id → the number that the ERP sells it under; the made-up store only. */
export function numbersOf(seed) {
  const { stores } = world({ seed });
  return new Map(stores[0].products.filter((product) => product.erp).map((product) => [product.id, product.erp]));
}

function filled(cure, numbers) {
  const product = /^cartage map product (\S+) NUMBER/.exec(cure);
  return product && numbers.has(product[1]) ? cure.replace(' NUMBER', ` ${numbers.get(product[1])}`) : cure;
}

/** A sentence about a blocked customer is followed by what unblocks him; commands stay as they are. */
export function curesOf(cue, numbers) {
  return (cue.cure ?? []).flatMap((cure) => {
    const blocked = UNBLOCK.exec(cure);
    const held = RELEASE.exec(cure);
    if (held) return [`# ${cure}`, `curl -fsS -X POST -d '{}' "$SHOPIFY_URL/_sandbox/orders/%23${held[1]}/release"  # on the order's page`];
    return blocked && !cure.startsWith('cartage ')
      ? [`# ${cure}`, `curl -fsS -X POST -d '{"blocked":""}' "$BUSINESS_CENTRAL_URL/_sandbox/customers/${blocked[1]}"  # on the customer's card`]
      : [filled(cure, numbers)];
  });
}

/** Orders that are left alone on purpose, which no cue counts: reason → {orders, cure}. */
export function leftAlone(skips, entries) {
  const shop = entries.find((entry) => entry.operation === 'orders.sync')?.arguments?.shop ?? '';
  const CURES = {
    'filtered-out': `cartage sync orders --shop ${shop}  # takes them in: this run has no filter`,
    cancelled: '# nothing to do: their customers do not want them any more',
  };
  const left = {};
  for (const { reason, record } of skips) {
    if (!CURES[reason]) continue;
    left[reason] ??= { cure: CURES[reason], orders: [] };
    left[reason].orders.push(record);
  }
  return left;
}
