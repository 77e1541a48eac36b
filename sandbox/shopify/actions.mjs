// All that can be done to a store after it was made, by the Admin API or by hand on the admin side. One table: what
// stands in it is written to the journal when it is done, and repeated after a restart; so an action depends on
// nothing but the store, its arguments (plain JSON) and store.now(). An action checks first and changes then: what
// throws has changed nothing.
import {
  answerRequest,
  cancelFulfillment,
  fulfilByHand,
  fulfilGroups,
  holdOrder,
  moveOrder,
  releaseOrder,
  requestFulfillment,
  scheduleOrder,
  settle,
  trackingOf,
} from './fulfillment.mjs';
import {COMPANY_ACTIONS} from './companies.mjs';
import {CUSTOMER_ACTIONS} from './customers.mjs';
import {capture, markAsPaid, payLater, settleRefund} from './payments.mjs';
import {defineMetafield, setMetafields} from './metafield-input.mjs';
import {PAYMENT_ACTIONS} from './payouts.mjs';
import {afterPayment, cancel, edit, refund} from './refunds.mjs';
import {
  approveReturn,
  cancelReturn,
  closeReturn,
  declineReturn,
  dispose,
  giveBack,
  openReturn,
  refundReturn,
  reopenReturn,
} from './returns.mjs';
import {acknowledgeFiles, createFiles, deleteFiles, updateFiles} from './file-input.mjs';
import {CATALOG_ACTIONS} from './catalogs.mjs';
import {attach} from './files.mjs';
import {productSet} from './product-set.mjs';
import {productCreate, productDelete, productOptionUpdate, productUpdate} from './products.mjs';
import {addCollection, publish, unpublish} from './publications.mjs';
import {withStock} from './stock-orders.mjs';
import {
  activateItem,
  adjustQuantities,
  deactivateLevel,
  setQuantities,
  toggleActivation,
  updateItem,
} from './stock-input.mjs';
import {registerTranslations, removeTranslations} from './translations.mjs';
import {WEBHOOK_ACTIONS} from './webhook-input.mjs';
import {appendVariantMedia, variantsCreate, variantsDelete, variantsUpdate} from './variants.mjs';

/** An action on an order: stock follows, and `updatedAt` moves whatever it does. */
const onOrder = (name, act) => (store, key, args) => {
  const order = store.get(key);
  const result = withStock(store, order, name, args ?? {}, () => act(store, order, {...args, at: store.now()}));
  store.change(order, {});
  return result;
};

/** Money that came ships the gift cards it paid for. */
const onPayment = (name, act) =>
  onOrder(name, (store, order, args) => {
    act(store, order, args);
    afterPayment(store, order, args.at);
  });

export const ACTIONS = {
  placeOrder(store, key, form) {
    const now = store.now(); // however old the order says it is, the store learns of it now
    return store.addOrder({updatedAt: now, ...form});
  },
  addProduct: (store, key, form) => store.addProduct(checked(form, ['id', 'title', 'variants'])),
  addCustomer: (store, key, form) => store.addCustomer(checked(form, ['id', 'addresses'])),
  addService: (store, key, form) => store.addService(checked(form, ['name'])),
  /** Brings the orders and refunds of a replayed file dated before `until`. */
  replay: (store, key, {until}) => store.replayer.step(until, store),

  /** Fields of a record as they are stored; a list that is not there becomes empty. */
  set: (store, key, fields) => store.change(store.get(key), fields),
  close: onOrder('close', (store, order, {at}) => void (order.closedAt ??= at)),
  reopen: onOrder('reopen', (store, order) => void (order.closedAt = null)),

  fulfilGroups(store, key, {groups, tracking, notifyCustomer, message}) {
    const order = store.get(key);
    const found = groups.map(({fo, units}) => ({
      fo: store.get(fo),
      units: new Map(units.map(([id, quantity]) => [store.get(fo).lines.find(entry => entry.id === id), quantity])),
    }));
    const made = withStock(store, order, 'fulfilGroups', {}, () =>
      fulfilGroups(store, order, found, {at: store.now(), tracking, notifyCustomer, message}),
    );
    settle(order);
    store.change(order, {});
    return made;
  },
  fulfil: onOrder('fulfil', fulfilByHand),
  hold: onOrder('hold', holdOrder),
  release: onOrder('release', releaseOrder),
  schedule: onOrder('schedule', scheduleOrder),
  requestFulfillment: onOrder('requestFulfillment', requestFulfillment),
  move: onOrder('move', moveOrder),
  answerRequest(store, key, args) {
    const fo = store.get(key);
    answerRequest(store, fo, {...args, at: store.now()});
    store.change(fo.order, {});
  },
  track(store, key, {tracking, notifyCustomer}) {
    const made = store.get(key);
    Object.assign(made, {
      tracking: trackingOf(tracking),
      notified: notifyCustomer ?? made.notified,
      updatedAt: store.now(),
    });
    store.note(made, 'changed');
    store.change(made.order, {});
  },
  cancelFulfillment(store, key) {
    const made = store.get(key);
    withStock(store, made.order, 'cancelFulfillment', {}, () => cancelFulfillment(store, made, {at: store.now()}));
    store.change(made.order, {});
  },

  refund: onOrder('refund', refund),
  settleRefund: onOrder('settleRefund', settleRefund),
  edit: onOrder('edit', edit),
  cancel: onOrder('cancel', cancel),
  pay: onPayment('pay', payLater),
  markAsPaid: onPayment('markAsPaid', markAsPaid),
  capture: onPayment('capture', capture),

  openReturn: onOrder('openReturn', openReturn),
  approveReturn: onOrder('approveReturn', approveReturn),
  declineReturn: onOrder('declineReturn', declineReturn),
  closeReturn: onOrder('closeReturn', closeReturn),
  reopenReturn: onOrder('reopenReturn', reopenReturn),
  cancelReturn: onOrder('cancelReturn', cancelReturn),
  dispose: onOrder('dispose', dispose),
  refundReturn: onOrder('refundReturn', refundReturn),
  giveBack: onOrder('giveBack', giveBack),

  productSet,
  productCreate,
  productUpdate,
  productDelete,
  productOptionUpdate,
  variantsCreate,
  variantsUpdate,
  variantsDelete,
  appendVariantMedia,
  defineMetafield,
  setMetafields,

  /** The merchant's own image, on a product and on a variant of it. */
  uploadImage(store, key, {content, filename, alt, variant}) {
    const product = store.get(key);
    const file = store.files.add({source: `merchant://upload/${filename}`, content, alt, filename});
    store.files.settle(file);
    attach(store, product, file);
    if (variant) store.change(store.get(variant), {media: file});
    store.change(product, {});
    return file;
  },
  replaceImage(store, key, {content}) {
    const file = store.get(key);
    store.files.replace(file, content);
    store.files.settle(file);
    for (const product of file.products) store.change(product, {});
  },

  publish,
  unpublish,
  addCollection: (store, key, form) => addCollection(store, checked(form, ['title'])),
  registerTranslations,
  removeTranslations,
  createFiles,
  updateFiles,
  deleteFiles,
  acknowledgeFiles,

  setQuantities,
  adjustQuantities,
  activateItem,
  toggleActivation,
  deactivateLevel,
  updateItem,
  ...CUSTOMER_ACTIONS,
  ...COMPANY_ACTIONS,
  ...PAYMENT_ACTIONS,
  ...CATALOG_ACTIONS,
  ...WEBHOOK_ACTIONS,
};

function checked(form, wanted) {
  const missing = wanted.find(name => form[name] === undefined);
  if (missing) throw new Error(`${missing}: wanted`);
  return form;
}
