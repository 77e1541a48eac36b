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
import {capture, markAsPaid, payLater, settleRefund} from './payments.mjs';
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

/** An action on an order: `updatedAt` moves whatever it does. */
const onOrder = act => (store, key, args) => {
  const order = store.get(key);
  const result = act(store, order, {...args, at: store.now()});
  store.change(order, {});
  return result;
};

/** Money that came ships the gift cards it paid for. */
const onPayment = act =>
  onOrder((store, order, args) => {
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
  close: onOrder((store, order, {at}) => void (order.closedAt ??= at)),
  reopen: onOrder((store, order) => void (order.closedAt = null)),

  fulfilGroups(store, key, {groups, tracking, notifyCustomer, message}) {
    const order = store.get(key);
    const found = groups.map(({fo, units}) => ({
      fo: store.get(fo),
      units: new Map(units.map(([id, quantity]) => [store.get(fo).lines.find(entry => entry.id === id), quantity])),
    }));
    const made = fulfilGroups(store, order, found, {at: store.now(), tracking, notifyCustomer, message});
    settle(order);
    store.change(order, {});
    return made;
  },
  fulfil: onOrder(fulfilByHand),
  hold: onOrder(holdOrder),
  release: onOrder(releaseOrder),
  schedule: onOrder(scheduleOrder),
  requestFulfillment: onOrder(requestFulfillment),
  move: onOrder(moveOrder),
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
    store.change(made.order, {});
  },
  cancelFulfillment(store, key) {
    const made = store.get(key);
    cancelFulfillment(store, made, {at: store.now()});
    store.change(made.order, {});
  },

  refund: onOrder(refund),
  settleRefund: onOrder(settleRefund),
  edit: onOrder(edit),
  cancel: onOrder(cancel),
  pay: onPayment(payLater),
  markAsPaid: onPayment(markAsPaid),
  capture: onPayment(capture),

  openReturn: onOrder(openReturn),
  approveReturn: onOrder(approveReturn),
  declineReturn: onOrder(declineReturn),
  closeReturn: onOrder(closeReturn),
  reopenReturn: onOrder(reopenReturn),
  cancelReturn: onOrder(cancelReturn),
  dispose: onOrder(dispose),
  refundReturn: onOrder(refundReturn),
  giveBack: onOrder(giveBack),
};

function checked(form, wanted) {
  const missing = wanted.find(name => form[name] === undefined);
  if (missing) throw new Error(`${missing}: wanted`);
  return form;
}
